from django.urls import path

from . import views, views_history, views_preview, views_useful

app_name = "articles"

urlpatterns = [
    path("articles/", views.article_list, name="list"),
    path("articles/<slug:slug>/", views.article_detail, name="detail"),
    path("articles/<slug:slug>/history/", views_history.history, name="history"),
    path(
        "articles/<slug:slug>/history/<int:number>/",
        views_history.revision,
        name="revision",
    ),
    path(
        "articles/<slug:slug>/history/<int:a>/<int:b>/",
        views_history.diff,
        name="diff",
    ),
    path("articles/<slug:slug>/useful/", views_useful.useful, name="useful"),
    path("articles/<slug:slug>/useful/thanks/", views_useful.thanks, name="thanks"),
    path("articles/<slug:slug>/useful/<str:token>/", views_useful.words, name="words"),
    path("preview/<str:token>/", views_preview.preview_link, name="preview_link"),
    path("topics/", views.topic_list, name="topic_list"),
    path("topics/<slug:slug>/", views.topic_detail, name="topic"),
]

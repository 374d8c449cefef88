from django.urls import include, path

from mfr_site.caching import public_page

from .feeds import ArticleDiscussionFeed
from .views import (
    checking,
    credentials,
    key_data,
    mail,
    managing,
    owning,
    passages,
    reading,
    reporting,
    writing,
)

app_name = "discussion"

# articles/<slug>/posts/
posts = [
    path("", writing.new_post, name="new_post"),
    path("forget/", writing.forget_key, name="forget_key"),
    path("follow/", mail.follow, name="follow"),
    path("back/<str:token>/", mail.back, name="back"),
    path("sent/<int:pk>/", writing.sent, name="sent"),
    path("sent/<int:pk>/check/", checking.check, name="check"),
    path("<int:number>/", reading.post_detail, name="post"),
    path("<int:number>/thread/", reading.thread, name="thread"),
    path("<int:number>/versions/", reading.versions, name="versions"),
    path("<int:number>/edit/", owning.edit, name="edit"),
    path("<int:number>/update/", owning.add_update, name="update"),
    path("<int:number>/delete/", owning.delete, name="delete"),
    path("<int:number>/report/", reporting.report, name="report"),
    path("<int:number>/reported/", reporting.reported, name="reported"),
    path(
        "<int:number>/credential/", credentials.post_credential, name="post_credential"
    ),
]

# manage/
manage = [
    path("", managing.manage, name="manage"),
    path("close/", managing.close, name="close"),
    path("credential/", credentials.of_key, name="key_credential"),
    path("credential/off/", credentials.take_off_key, name="key_credential_off"),
    path("mail/", mail.of_key, name="key_mail"),
    path("mail/stop/", mail.stop_key_mail, name="stop_key_mail"),
    path("mail/confirm/<str:token>/", mail.confirm_mail, name="confirm_mail"),
    path("claim/", managing.claim, name="claim"),
    path("data/", key_data.key_data, name="key_data"),
    path("data/export/", key_data.key_export, name="key_export"),
    path("data/leaving/", key_data.key_leaving, name="key_leaving"),
    path("data/stay/", key_data.key_stay, name="key_stay"),
    path("posts/<int:pk>/", managing.own_post_detail, name="own_post"),
    path("posts/<int:pk>/edit/", owning.edit, name="own_edit"),
    path("posts/<int:pk>/update/", owning.add_update, name="own_update"),
    path("posts/<int:pk>/delete/", owning.delete, name="own_delete"),
    path("posts/<int:pk>/appeal/", managing.appeal, name="appeal"),
]

urlpatterns = [
    path("articles/<slug:slug>/posts/", include(posts)),
    path(
        "articles/<slug:slug>/feed/",
        public_page("article:{slug}", "posts:{slug}", "names")(ArticleDiscussionFeed()),
        name="feed",
    ),
    path("articles/<slug:slug>/passages/<slug:key>/", passages.passage, name="passage"),
    path("discussion/", reading.latest, name="latest"),
    path("accounts/credential/", credentials.of_account, name="credential"),
    path(
        "accounts/credential/off/", credentials.take_off_account, name="credential_off"
    ),
    path("accounts/mail/", mail.of_account, name="mail"),
    path("accounts/mail/again/", mail.try_again, name="mail_again"),
    path("manage/", include(manage)),
    path("unsubscribe/<str:token>/", mail.unsubscribe, name="unsubscribe"),
]

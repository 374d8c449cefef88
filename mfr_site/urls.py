"""The map of the site. Every address here is fixed: people and links depend on it."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.flatpages.views import flatpage
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path, re_path

from accounts import urls as account_urls
from articles import feeds as article_feeds
from articles import views as article_views
from articles.sitemaps import SITEMAPS
from discussion import feeds as discussion_feeds
from discussion.views import reading as discussion_views

from . import my_data, views
from .caching import public_page

# Admin shares the site's one log-in: its limits and its second factor (TRUST A36).
admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

feeds = (
    [
        path(
            "articles/",
            public_page("articles")(article_feeds.ArticlesFeed()),
            name="articles",
        ),
        path(
            "corrections/",
            public_page("articles")(article_feeds.CorrectionsFeed()),
            name="corrections",
        ),
        path(
            "discussion/",
            public_page("discussion", "articles", "names")(
                discussion_feeds.DiscussionFeed()
            ),
            name="discussion",
        ),
    ],
    "feeds",
)

handler500 = views.server_error

handler500 = views.server_error

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("articles.urls")),
    path("", include("discussion.urls")),
    path("", include(([*account_urls.pages, *my_data.pages], "accounts"))),
    path("", include("accounts.urls")),
    path("feeds/", include(feeds)),
    path("corrections/", article_views.corrections, name="corrections"),
    path("moderation/", discussion_views.moderation_log, name="moderation_log"),
    path("search/", views.search, name="search"),
    path("admin/", admin.site.urls),
    path("media/<path:path>", views.media, name="media"),
    path(
        "sitemap.xml",
        public_page("articles", "discussion", "pages")(sitemap),
        {"sitemaps": SITEMAPS},
        name="django.contrib.sitemaps.views.sitemap",
    ),
    path("robots.txt", views.robots_txt, name="robots_txt"),
    path("healthz", views.healthz, name="healthz"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    # Last: the standing pages that editors keep.
    re_path(
        r"^(?P<url>[a-z][a-z0-9/-]*/)$", public_page("pages")(flatpage), name="page"
    ),
]

from allauth.account.decorators import reauthentication_required
from allauth.account.views import email
from django.contrib.auth.decorators import login_required
from django.urls import include, path

from . import views

# The site puts them into the namespace "accounts", with those that show other apps too.
pages = [
    path("members/<str:username>/", views.profile, name="profile"),
    path("accounts/", views.home, name="home"),
    path("accounts/profile/", views.edit_profile, name="edit_profile"),
]
urlpatterns = [
    # allauth asks who it is only after the new address was typed; we ask before.
    path("accounts/email/", login_required(reauthentication_required(email))),
    path("accounts/logout/", views.log_out),
    path("accounts/", include("allauth.urls")),
]

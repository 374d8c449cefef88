"""What a member is to others, and the pages of one's own account."""

from allauth.account.views import logout as allauth_logout
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from .forms import ProfileForm
from .models import User

POSTS_ON_PROFILE = 30


class MemberRequest(HttpRequest):
    """What `login_required` lets through."""

    user: User


def profile(request: HttpRequest, username: str) -> HttpResponse:
    """What everybody may see of a member; posts and credential by reverse relation."""
    member = get_object_or_404(User.objects.public(), username=username)
    before = request.GET.get("before", "")
    older_than = int(before) if before.isdecimal() and len(before) < 10 else None
    posts = member.authors.all().posts().published().newest_first().in_lists()
    page = list(posts.older_than(older_than)[: POSTS_ON_PROFILE + 1])
    context = {
        "member": member,
        "credential": member.credentials.standing().select_related("type").first(),
        "posts": page[:POSTS_ON_PROFILE],
        "older": page[-2].pk if len(page) > POSTS_ON_PROFILE else None,
    }
    return render(request, "accounts/profile.html", context)


def log_out(request: HttpRequest) -> HttpResponse:
    """allauth's, which also clears the browser of drafts that the next person could find.

    Not of cookies: the one that holds a post key belongs to somebody without an account.
    Nor of pages: those of one's own are not kept. Whoever is out is told so, for others
    may use the device.
    """
    if request.method != "POST" and not request.user.is_authenticated:
        return render(request, "account/logout.html")
    response = allauth_logout(request)
    if request.method == "POST":
        response["Clear-Site-Data"] = '"storage"'
    return response  # type: ignore[no-any-return]


@login_required
def home(request: MemberRequest) -> HttpResponse:
    """Everything about one's account on one page, with its state."""
    context = {"second_step": is_mfa_enabled(request.user)}
    return render(request, "accounts/home.html", context)


@login_required
def edit_profile(request: MemberRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your profile is saved.")
        return redirect(request.user)
    return render(request, "accounts/edit_profile.html", {"form": form})

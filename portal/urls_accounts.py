"""Pages: Sign-in, second factor, passwords."""

from django.contrib.auth import views as auth
from django.urls import path

from portal import views_accounts, views_sign_in

urlpatterns = [
    path("login/", views_sign_in.login, name="login"),
    path("login/code/", views_sign_in.code, name="second-factor"),
    path("login/set-up/", views_sign_in.set_up, name="second-factor-new"),
    path("login/set-up/picture.svg", views_sign_in.picture, name="second-factor-picture"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("account/sign-in/", views_accounts.own, name="account-sign-in"),
    path("account/sign-in/password/", views_accounts.change_password, name="password-change"),
    path("account/sign-in/second-factor/", views_accounts.begin_second_factor, name="second-factor-begin"),
    path("account/sign-in/second-factor/remove/", views_accounts.give_up_second_factor, name="second-factor-give-up"),
    path("account/sign-in/recovery-codes/", views_accounts.renew_codes, name="recovery-codes"),
    path("account/sign-in/everywhere/", views_accounts.sign_out_everywhere, name="sign-out-everywhere"),
    path("password/<str:token>/", views_accounts.new_password, name="password-new"),
    path("accounts/", views_accounts.accounts, name="accounts"),
    path("accounts/new/", views_accounts.account_new, name="account-new"),
    path("accounts/<str:username>/", views_accounts.account, name="account"),
    path("accounts/<str:username>/link/", views_accounts.make_link, name="account-link"),
    path("accounts/<str:username>/close/", views_accounts.close_account, name="account-close"),
    path("accounts/<str:username>/open/", views_accounts.open_account, name="account-open"),
    path("accounts/<str:username>/sign-out/", views_accounts.sign_out_account, name="account-sign-out"),
    path(
        "accounts/<str:username>/second-factor/remove/",
        views_accounts.remove_second_factor,
        name="account-second-factor-remove",
    ),
]

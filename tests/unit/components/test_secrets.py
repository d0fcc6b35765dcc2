"""Unit: the arithmetic of rotation, and the names in a certificate."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from components.secrets import Authority, Credential, CredentialArgs, CredentialSettings, Slots
from components.secrets.rotation import slots
from tests.recording import deploy

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2200, 1, 1))


@given(today=days, rotation=st.integers(1, 365))
def test_the_active_password_is_never_older_than_a_period(today: date, rotation: int) -> None:
    settings = CredentialSettings(rotation_days=rotation)
    now = slots(settings, today)
    assert now.made_in(now.active) == slots(settings, today).period
    assert slots(settings, today + timedelta(days=rotation)).period == now.period + 1


@given(period=st.integers(0, 10_000))
def test_a_rotation_never_touches_the_slot_that_was_active(period: int) -> None:
    before, after = Slots(period=period), Slots(period=period + 1)
    assert after.active != before.active
    assert after.made_in(before.active) == before.made_in(before.active)


@given(today=days)
def test_raising_the_generation_rotates_now(today: date) -> None:
    usual = slots(CredentialSettings(), today)
    forced = slots(CredentialSettings(generation=1), today)
    assert forced.period == usual.period + 1


def test_a_credential_keeps_two_passwords_and_hands_out_one() -> None:
    recording = deploy(lambda: Credential("login", CredentialArgs(slots=Slots(period=7))))
    keepers = {each.name: each.inputs["keepers"] for each in recording.kind("RandomPassword")}
    assert keepers == {"login-a": {"period": "6"}, "login-b": {"period": "7"}}


def test_a_server_certificate_is_renewed_before_it_ends() -> None:
    recording = deploy(lambda: Authority("platform").issue("db", ["db.stores.svc"]))
    certificate = recording.one("LocallySignedCert").inputs
    assert 0 < certificate["earlyRenewalHours"] < certificate["validityPeriodHours"]
    assert recording.one("CertRequest").inputs["dnsNames"] == ["db.stores.svc"]

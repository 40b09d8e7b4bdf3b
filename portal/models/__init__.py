from portal.models.accounts import Department, Membership, Role, User
from portal.models.audit import AuditEntry, AuditLink
from portal.models.calendar import CalendarDay
from portal.models.credentials import AccessToken, OneTimeLink, SecondFactor
from portal.models.files import Upload, UploadIssue
from portal.models.jobs import Job
from portal.models.notices import Notification
from portal.models.parts import PartialUpload
from portal.models.people import Consent, Person, RetentionRule

__all__ = [
    "AccessToken",
    "AuditEntry",
    "AuditLink",
    "CalendarDay",
    "Consent",
    "Department",
    "Job",
    "Membership",
    "Notification",
    "OneTimeLink",
    "PartialUpload",
    "Person",
    "RetentionRule",
    "Role",
    "SecondFactor",
    "Upload",
    "UploadIssue",
    "User",
]

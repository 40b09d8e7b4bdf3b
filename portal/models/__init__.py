from portal.models.accounts import Membership, Role, User
from portal.models.audit import AuditEntry
from portal.models.files import Upload, UploadIssue
from portal.models.jobs import Job

__all__ = ["AuditEntry", "Job", "Membership", "Role", "Upload", "UploadIssue", "User"]

from portal.models.accounts import Membership, Role, User
from portal.models.audit import AuditEntry
from portal.models.files import Upload, UploadIssue
from portal.models.jobs import Job
from portal.models.parts import PartialUpload

__all__ = ["AuditEntry", "Job", "Membership", "PartialUpload", "Role", "Upload", "UploadIssue", "User"]

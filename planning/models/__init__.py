from planning.models.drawings import Drawing, DrawingStep, DrawnProject, DrawnZone
from planning.models.evidence import (
    Assembly,
    Commission,
    Decision,
    Document,
    ItemAnswer,
    ReturnItem,
    VillagerRound,
)
from planning.models.features import PlanFeature
from planning.models.findings import Finding, Waiver
from planning.models.papers import Scan, ScanMark
from planning.models.participation import (
    MODERATORS,
    Adoption,
    Channel,
    Comment,
    Consultation,
    Follow,
    Held,
    Photo,
    Reply,
    Support,
    WatchedWord,
)
from planning.models.plans import DECIDED, ENDED, UNDER_REVIEW, Plan, PlanVersion, State, Track
from planning.models.profiles import MappingProfile
from planning.models.projects import Project
from planning.models.reviews import Cause, Condition, Declaration, Opinion, OpinionAnswer, ReviewRequest
from planning.models.sheets import Sheet
from planning.models.workflow import Deadline, Notice, PlannedDate, Step, WorkflowRule
from planning.models.zones import LandUseClass, Zone

__all__ = [
    "DECIDED",
    "ENDED",
    "MODERATORS",
    "UNDER_REVIEW",
    "Adoption",
    "Assembly",
    "Cause",
    "Channel",
    "Comment",
    "Commission",
    "Condition",
    "Consultation",
    "Deadline",
    "Decision",
    "Declaration",
    "Document",
    "Drawing",
    "DrawingStep",
    "DrawnProject",
    "DrawnZone",
    "Finding",
    "Follow",
    "Held",
    "ItemAnswer",
    "LandUseClass",
    "MappingProfile",
    "Notice",
    "Opinion",
    "OpinionAnswer",
    "Photo",
    "Plan",
    "PlanFeature",
    "PlanVersion",
    "PlannedDate",
    "Project",
    "Reply",
    "ReturnItem",
    "ReviewRequest",
    "Scan",
    "ScanMark",
    "Sheet",
    "State",
    "Step",
    "Support",
    "Track",
    "VillagerRound",
    "Waiver",
    "WatchedWord",
    "WorkflowRule",
    "Zone",
]

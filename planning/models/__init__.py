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
from planning.models.participation import MODERATORS, Comment, Held, Reply, WatchedWord
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
    "Assembly",
    "Cause",
    "Comment",
    "Commission",
    "Condition",
    "Deadline",
    "Decision",
    "Declaration",
    "Document",
    "Drawing",
    "DrawingStep",
    "DrawnProject",
    "DrawnZone",
    "Finding",
    "Held",
    "ItemAnswer",
    "LandUseClass",
    "MappingProfile",
    "Notice",
    "Opinion",
    "OpinionAnswer",
    "Plan",
    "PlanFeature",
    "PlanVersion",
    "PlannedDate",
    "Project",
    "Reply",
    "ReturnItem",
    "ReviewRequest",
    "Sheet",
    "State",
    "Step",
    "Track",
    "VillagerRound",
    "Waiver",
    "WatchedWord",
    "WorkflowRule",
    "Zone",
]

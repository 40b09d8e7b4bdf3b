from planning.models.features import PlanFeature
from planning.models.findings import Finding, Waiver
from planning.models.participation import Comment, Reply
from planning.models.plans import Notice, Plan, PlanVersion, State, Step, WorkflowRule
from planning.models.profiles import MappingProfile
from planning.models.projects import Project
from planning.models.zones import LandUseClass, Zone

__all__ = [
    "Comment",
    "Finding",
    "LandUseClass",
    "MappingProfile",
    "Notice",
    "Plan",
    "PlanFeature",
    "PlanVersion",
    "Project",
    "Reply",
    "State",
    "Step",
    "Waiver",
    "WorkflowRule",
    "Zone",
]

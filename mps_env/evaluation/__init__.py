"""The audit: full training on a synthetic set, several seeds, measured on the test split."""

from __future__ import annotations

from mps_env.evaluation.audit import audit, check_auditable
from mps_env.evaluation.config import AuditConfig
from mps_env.evaluation.result import AuditResult, SeedResult

__all__ = ["AuditConfig", "AuditResult", "SeedResult", "audit", "check_auditable"]

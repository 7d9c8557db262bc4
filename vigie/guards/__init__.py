"""The house's own Great Expectations expectations: guards against content that is well-formed and false.

Importing this package registers each under its snake_case name, for `expectations/<feed>.yml`.
It imports Great Expectations, which costs seconds: only the door does, when it judges.
"""

from vigie.guards.judged import DocumentGuard, Guard, RowGuard
from vigie.guards.recency import ExpectDocumentNotToRepeat, ExpectPeriodToAdvance
from vigie.guards.shape import (
    ExpectCodesNotToBeRecoded,
    ExpectColumnTypeNotToFlip,
    ExpectCoverageNotToShrink,
    ExpectRowCountNotToCollapse,
)
from vigie.guards.statements import ExpectGrowthToRecompute, ExpectLevelAndDifferenceToClose
from vigie.guards.values import (
    ExpectBreakFlagBeyond,
    ExpectCurrencyInSet,
    ExpectDigitsNotToSlip,
    ExpectValueWithinFactorOfPrevious,
)

GUARDS = (
    ExpectBreakFlagBeyond,
    ExpectCodesNotToBeRecoded,
    ExpectColumnTypeNotToFlip,
    ExpectCoverageNotToShrink,
    ExpectCurrencyInSet,
    ExpectDigitsNotToSlip,
    ExpectDocumentNotToRepeat,
    ExpectGrowthToRecompute,
    ExpectLevelAndDifferenceToClose,
    ExpectPeriodToAdvance,
    ExpectRowCountNotToCollapse,
    ExpectValueWithinFactorOfPrevious,
)

__all__ = ["GUARDS", "DocumentGuard", "Guard", "RowGuard", *(guard.__name__ for guard in GUARDS)]

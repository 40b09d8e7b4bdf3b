"""Functions of apps above planning, which planning may not import: they register here for one question, and planning asks them."""

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


class Asked(list[Function]):
    """Those that know the answer to one question."""

    def register(self, function: Function) -> Function:
        """Take a function in, once; as a decorator."""
        if function not in self:
            self.append(function)
        return function

"""What can be wrong with a prompt of the library, in words."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy

from apps.chat.engine.variables import Fault, Variable
from olympus.kernel.errors import Conflict, Invalid, LimitReached


class PromptNameTaken(Conflict):
    """You have a prompt of this name already. Choose another name."""

    code = "prompt_name_taken"


class PresetNameTaken(Conflict):
    """You have a preset of this name already. Choose another name."""

    code = "preset_name_taken"


class TooMany(LimitReached):
    """There is no room for more. Remove some first."""

    code = "too_many"


class ValuesInvalid(Invalid):
    """Some values do not fit; `errors` has a sentence for each variable's name."""

    code = "prompt_values_invalid"

    def __init__(self, errors: Mapping[str, str]) -> None:
        name, sentence = next(iter(errors.items()))
        super().__init__(sentence, field=f"values.{name}")
        self.errors = dict(errors)


_WORDS = {
    Fault.REQUIRED: gettext_lazy("Fill this in."),
    Fault.NOT_TEXT: gettext_lazy("This takes text."),
    Fault.TOO_LONG: gettext_lazy("This is too long. Shorten it."),
    Fault.ONE_LINE: gettext_lazy("This takes one line. Make the variable a long text for more."),
    Fault.NOT_A_NUMBER: gettext_lazy("Enter a number, such as 12 or 3.5."),
    Fault.NOT_A_CHOICE: gettext_lazy("Choose one of the values offered."),
    Fault.NOT_A_DATE: gettext_lazy("Enter a date as year-month-day, such as 2026-01-31."),
    Fault.NOT_YES_OR_NO: gettext_lazy("Answer yes or no."),
    Fault.UNKNOWN: gettext_lazy("The prompt has no variable of this name."),
    Fault.BAD_NAME: gettext_lazy(
        "A variable's name begins with a letter and has letters, digits and underscores, 40 at most."
    ),
    Fault.TWICE: gettext_lazy("There are two variables of this name."),
    Fault.NO_CHOICES: gettext_lazy("Name at least one value to choose from."),
    Fault.TOO_MANY: gettext_lazy("There are too many. Remove some."),
}


def words_for(fault: Fault) -> str:
    """This will say what is wrong and what to do."""
    return str(_WORDS[fault])


def values_refused(faults: Mapping[str, Fault], variables: list[Variable]) -> ValuesInvalid:
    """This will put faults into words, each after what the person sees the variable called."""
    called = {variable.name: variable.label or variable.name for variable in variables}
    return ValuesInvalid({name[:100]: f"{called.get(name, name)[:100]}: {words_for(f)}" for name, f in faults.items()})

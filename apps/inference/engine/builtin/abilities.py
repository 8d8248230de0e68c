"""What can be answered without a language model; an ability is a file and a line here."""

from apps.inference.engine.builtin.about import answer_about
from apps.inference.engine.builtin.arithmetic import answer_arithmetic
from apps.inference.engine.builtin.help import answer_help
from apps.inference.engine.builtin.question import Ability, Answer, Question
from apps.inference.engine.builtin.time import answer_time
from apps.inference.engine.builtin.units import answer_units

# In this order: "5 in to cm" is a conversion before it could be arithmetic, help takes what is left.
ABILITIES: tuple[Ability, ...] = (
    answer_about,
    answer_time,
    answer_units,
    answer_arithmetic,
    answer_help,
)


def answer_by_ability(question: Question) -> Answer | None:
    """This will give the answer of the first ability that has one."""
    return next((answer for ability in ABILITIES if (answer := ability(question))), None)

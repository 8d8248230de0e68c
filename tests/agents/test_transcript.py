"""What a run said, numbered, sent and put together again."""

from hypothesis import given
from hypothesis import strategies as st

from apps.agents.engine.transcript import Piece, Transcript

words = st.text(min_size=1, max_size=8)


def test_text_gathers_until_it_is_taken() -> None:
    transcript = Transcript()
    transcript.add_text("token", "Good ", token_count=1)
    transcript.add_text("token", "morning", token_count=1)

    pieces = transcript.take_unsent()

    assert [(p.seq, p.offset, p.content, p.token_count) for p in pieces] == [(1, 0, "Good morning", 2)]
    assert transcript.take_unsent() == []


def test_thinking_and_answer_have_offsets_of_their_own() -> None:
    transcript = Transcript()
    transcript.add_text("thinking", "hmm")
    transcript.add_text("token", "Yes")
    transcript.add_text("thinking", "!")

    pieces = transcript.take_unsent()

    assert [(p.kind, p.offset) for p in pieces] == [("thinking", 0), ("token", 0), ("thinking", 3)]
    assert (transcript.text, transcript.thinking) == ("Yes", "hmm!")


def test_offsets_count_code_points() -> None:
    transcript = Transcript()
    transcript.add_text("token", "🏛️a")
    transcript.take_unsent()
    transcript.add_text("token", "b")

    (piece,) = transcript.take_unsent()

    assert piece.offset == 3


def test_a_checkpoint_is_one_row_of_text_under_its_last_number() -> None:
    transcript = Transcript()
    for word in ("one ", "two ", "three"):
        transcript.add_text("token", word)
        transcript.take_unsent()

    (row,) = transcript.take_unlogged()

    assert (row.seq, row.offset, row.content) == (3, 0, "one two three")


def test_what_a_failed_checkpoint_gives_back_comes_again_first() -> None:
    transcript = Transcript()
    transcript.add_text("token", "one ")
    transcript.take_unsent()
    failed = transcript.take_unlogged()
    transcript.add_text("token", "two")
    transcript.take_unsent()

    transcript.give_back(failed)

    assert "".join(p.content for p in transcript.take_unlogged()) == "one two"


def test_a_hole_in_the_tail_ends_what_is_restored() -> None:
    transcript = Transcript()
    transcript.restore_log([Piece("token", 0, ["abc"], seq=3)])

    transcript.restore_tail([Piece("token", 3, ["d"], seq=4), Piece("token", 6, ["x"], seq=6)])

    assert (transcript.text, transcript.seq) == ("abcd", 4)


def test_who_answers_is_restored_with_what_was_said() -> None:
    transcript = Transcript()

    transcript.restore_log(
        [Piece("state", data={"model": "fake", "provider": "Home"}, seq=1), Piece("token", 0, ["a"], seq=2)]
    )

    assert transcript.told_state["model"] == "fake"


@given(st.lists(st.tuples(st.sampled_from(["token", "thinking"]), words), max_size=30), st.data())
def test_log_and_tail_together_restore_all_that_was_sent(said: list[tuple[str, str]], data: st.DataObject) -> None:
    transcript, log, tail = Transcript(), [], []
    for kind, text in said:
        transcript.add_text(kind, text)
        if data.draw(st.booleans()):
            tail.extend(transcript.take_unsent())
        if data.draw(st.booleans()):
            log.extend(transcript.take_unlogged())
    tail.extend(transcript.take_unsent())

    restored = Transcript()
    restored.restore_log(log)
    restored.restore_tail(tail)

    assert (restored.text, restored.thinking, restored.seq) == (transcript.text, transcript.thinking, transcript.seq)

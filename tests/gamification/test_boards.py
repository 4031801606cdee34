"""Boards as somebody reads them: from the copy in Valkey, and from PostgreSQL while it is away."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gamification.boards import copy
from gamification.boards.reading import OwnPlace
from gamification.boards.sets import BoardSet
from gamification.boards.windows import Around, FromPlace, Top
from gamification.players import service as players
from gamification.players.tables import Visibility
from ground import valkey
from ground.engine import execute
from ground.unit_of_work import unit_of_work
from tests.gamification.boards import (
    EVERYBODY,
    Reader,
    as_read,
    fill,
    gain,
    naive,
    publish_boards,
    somebody,
)

CROWD = 24
NOBODY_ANSWERS = "redis://127.0.0.1:1"
numbers = count()

pytestmark = pytest.mark.usefixtures("boards")


@pytest.fixture
async def boards(database):
    await publish_boards()


@pytest.fixture(params=["copy", "truth"])
async def source(request, redis_url):
    """Where boards are read from. Each test is told of both."""
    if request.param == "copy":
        yield
        return
    await valkey.close_valkey()
    valkey.open_valkey(NOBODY_ANSWERS)
    yield
    await valkey.close_valkey()
    valkey.open_valkey(redis_url)


class Crowd:
    """People who appear, and as many who are hidden."""

    def __init__(self, people):
        self.people = people

    def __repr__(self):
        return "a crowd"

    async def on(self, board_set, drawn):
        """Put those drawn onto a board. Gives everybody with their points, and who appears."""
        everybody = [(self.people[how][n], points) for n, (points, how) in enumerate(drawn)]
        await fill(board_set, everybody)
        hidden = {who.id for who in self.people["hidden"]}
        return everybody, [(who, points) for who, points in everybody if who.id not in hidden]


@pytest.fixture
async def crowd(boards):
    hows = ("name", "pseudonym", "hidden")
    return Crowd({how: [await somebody(visibility=how) for _ in range(CROWD)] for how in hows})


@pytest.fixture
async def stranger(boards):
    """Somebody without points, who is shown everything."""
    return Reader(await somebody())


def another_board():
    """A board that nobody was on before."""
    return BoardSet(f"scope-{next(numbers)}", "all_time")


examples = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
points_of_a_crowd = st.lists(
    st.tuples(st.integers(-1, 6), st.sampled_from(["name", "name", "pseudonym", "hidden"])),
    min_size=1,
    max_size=CROWD,
)


@examples
@given(drawn=points_of_a_crowd, limit=st.integers(1, 9), data=st.data())
async def test_everybody_sees_places_as_the_words_say(  # I11
    source, crowd, stranger, drawn, limit, data
):
    board_set = another_board()
    everybody, appearing = await crowd.on(board_set, drawn)
    board = naive(appearing)
    who, points = data.draw(st.sampled_from(everybody))
    reader = Reader(who, board_set)
    above = sum(number > points for _, number in appearing)

    assert await stranger.of(board_set).lists() == as_read(board)
    assert await stranger.of(board_set).pages_through(limit) == as_read(board)
    assert (await reader.reads()).own == (OwnPlace(1 + above, points) if points > 0 else None)
    assert await reader.lists() == as_read(board, points)
    assert await reader.pages_through(limit) == as_read(board, points)
    assert await reader.lists(Around(3, 2)) == around(board, who, points)


def around(board, who, points):
    """Three before and two after somebody, as the words say it."""
    if points <= 0:
        return []
    aliases = {other.id: other.alias for _, other, _ in board}
    shown = [((line[2], aliases[line[1]]), line) for line in as_read(board, points)]
    before = [line for key, line in shown if key > (points, who.alias)]
    oneself = [line for key, line in shown if key == (points, who.alias)]
    after = [line for key, line in shown if key < (points, who.alias)]
    return [*before[-3:], *oneself, *after[:2]]


@examples
@given(drawn=points_of_a_crowd, place=st.integers(1, CROWD + 2))
async def test_a_board_is_read_from_a_place(source, crowd, stranger, drawn, place):
    board_set = another_board()
    _, appearing = await crowd.on(board_set, drawn)
    reader = stranger.of(board_set)

    expected = [line for line in as_read(naive(appearing)) if line[0] >= place]
    assert await reader.lists(FromPlace(place, 100)) == expected
    assert await reader.lists(FromPlace(place, 3)) == expected[:3]


async def test_equal_points_share_a_place(source, stranger):
    anna, bela, carl = [await somebody() for _ in range(3)]
    await fill(EVERYBODY, [(anna, 7), (bela, 7), (carl, 3)])

    listed = await stranger.lists()

    assert [place for place, _, _ in listed] == [1, 1, 3]
    assert listed[2] == (3, carl.id, 3)


async def test_the_hidden_take_no_place_from_others_and_see_their_own(source):
    anna, hidden = await somebody(), await somebody(visibility="hidden")
    await fill(EVERYBODY, [(anna, 5), (hidden, 9)])

    assert await Reader(anna).lists() == [(1, anna.id, 5)]
    reading = await Reader(hidden).reads()
    assert reading.own == OwnPlace(1, 9)
    assert hidden.id not in [line.member_id for line in reading.lines]


@pytest.mark.parametrize(
    "kept_out",
    [
        pytest.param({"staff": True}, id="staff"),
        pytest.param({"state": "unclaimed", "visibility": "hidden"}, id="who was only imported"),
        pytest.param({"state": "left", "visibility": "hidden"}, id="who left"),
        pytest.param({"state": "merged", "visibility": "hidden"}, id="who was merged"),
    ],
)
async def test_some_are_never_on_a_board(source, kept_out):
    anna, other = await somebody(), await somebody(**kept_out)
    await fill(EVERYBODY, [(anna, 5), (other, 9)])

    assert await Reader(anna).lists() == [(1, anna.id, 5)]
    assert not (await Reader(other).reads()).competes


async def test_a_population_has_a_board_of_its_own(source):
    colleagues = BoardSet("*", "2026-11", "employee")
    customer, employee = await somebody(), await somebody(population="employee")
    await fill(colleagues, [(customer, 9), (employee, 4)])

    assert await Reader(employee, colleagues).lists() == [(1, employee.id, 4)]
    reading = await Reader(customer, colleagues).reads()
    assert (reading.own, reading.competes) == (None, False)


async def test_who_has_no_points_has_no_place_and_no_neighbours(source):
    reader = await somebody()
    await fill(EVERYBODY, [(await somebody(), 5), (reader, 0)])

    reading = await Reader(reader).reads(Around(3, 3))

    assert (reading.lines, reading.own, reading.competes) == ([], None, True)


async def test_those_behind_are_listed_from_five_on(source):
    crowd = [await somebody() for _ in range(7)]
    await fill(EVERYBODY, [(who, 10 - n) for n, who in enumerate(crowd)])

    places_seen = {
        who.id: [place for place, _, _ in await Reader(who).lists(Around(6, 2))] for who in crowd
    }

    assert places_seen[crowd[0].id] == [1, 2, 3]
    assert places_seen[crowd[1].id] == [1, 2, 3, 4]
    assert places_seen[crowd[2].id] == [1, 2, 3]
    assert places_seen[crowd[6].id] == [1, 2, 3, 4, 5, 6, 7]


async def test_paging_does_not_go_past_oneself_either(source):
    crowd = [await somebody() for _ in range(7)]
    await fill(EVERYBODY, [(who, 10 - n) for n, who in enumerate(crowd)])

    seen = {who.id: len(await Reader(who).pages_through(2)) for who in crowd}

    assert [seen[who.id] for who in crowd] == [7, 7, 3, 4, 5, 6, 7]


async def test_going_on_after_the_part_around_oneself(source):
    crowd = [await somebody() for _ in range(9)]
    await fill(EVERYBODY, [(who, 10 - n) for n, who in enumerate(crowd)])
    reader = Reader(crowd[2])

    around_me = await reader.reads(Around(1, 1))
    rest = await reader.reads(Top(100), around_me.next_cursor)

    assert [line.place for line in around_me.lines] == [2, 3, 4]
    assert [line.place for line in rest.lines] == [5, 6, 7, 8, 9]


@examples
@given(
    drawn=st.lists(st.integers(1, 9), min_size=3, max_size=9),
    changes=st.lists(st.tuples(st.integers(0, 8), st.integers(-9, 9).filter(bool)), max_size=9),
    limit=st.integers(1, 4),
)
async def test_nobody_is_listed_twice_whatever_changes(  # I11
    source, crowd, stranger, drawn, changes, limit
):
    people = crowd.people["name"]
    await execute("DELETE FROM board_points")
    await copy.doubt()
    await fill(EVERYBODY, list(zip(people, drawn, strict=False)))

    page = await stranger.reads(Top(limit))
    seen = [line.member_id for line in page.lines]
    while page.next_cursor is not None:
        if changes:
            number, points = changes.pop()
            await gain(people[number], points)
        page = await stranger.reads(Top(limit), page.next_cursor)
        seen += [line.member_id for line in page.lines]

    assert len(seen) == len(set(seen))


async def test_who_fell_before_one_began_is_listed(source, stranger):
    """A fall that is over by then is no reason to leave anybody out."""
    crowd = [await somebody() for _ in range(4)]
    for who in crowd:
        await gain(who, 10)
    await gain(crowd[0], -8)

    listed = await stranger.pages_through(1)

    assert listed[-1] == (4, crowd[0].id, 2)
    assert len(listed) == 4


async def test_who_falls_meanwhile_is_not_listed_again(source, stranger):
    crowd = [await somebody() for _ in range(4)]
    for n, who in enumerate(crowd):
        await gain(who, 10 + n)
    reader = stranger

    first = await reader.reads(Top(1))
    await gain(crowd[3], -12)
    rest = await reader.reads(Top(100), first.next_cursor)

    assert [line.member_id for line in first.lines] == [crowd[3].id]
    assert [line.member_id for line in rest.lines] == [crowd[n].id for n in (2, 1, 0)]


async def test_who_appears_or_hides_comes_and_goes(source, stranger):
    anna, bela = await somebody(), await somebody(visibility="hidden")
    await gain(anna, 3)
    await gain(bela, 8)
    reader = stranger
    assert await reader.lists() == [(1, anna.id, 3)]

    await show(bela, Visibility.PSEUDONYM)
    assert await reader.lists() == [(1, bela.id, 8), (2, anna.id, 3)]

    await gain(bela, 1)
    await show(bela, Visibility.HIDDEN)
    assert await reader.lists() == [(1, anna.id, 3)]


async def test_staff_leaves_the_competition_and_comes_back(source, stranger):
    anna = await somebody()
    await gain(anna, 3)
    reader = stranger
    assert await reader.lists() == [(1, anna.id, 3)]

    async with unit_of_work():
        await players.mark_staff(anna.id, staff=True)
    assert await reader.lists() == []

    async with unit_of_work():
        await players.mark_staff(anna.id, staff=False)
    assert await reader.lists() == [(1, anna.id, 3)]


async def test_who_leaves_is_gone_from_all_boards(source, stranger):
    anna = await somebody()
    await gain(anna, 3)
    reader = stranger
    month = reader.of(BoardSet("*", "2026-11"))
    assert await reader.lists() == await month.lists() == [(1, anna.id, 3)]

    async with unit_of_work():
        await players.let_go(anna.id)
    assert await reader.lists() == await month.lists() == []


async def show(who, visibility):
    async with unit_of_work():
        await players.show(who.id, visibility=visibility, public_visibility=False)


async def test_a_board_takes_the_same_statements_however_many_are_on_it(source, statements):
    few = BoardSet("few", "all_time")
    many = BoardSet("many", "all_time")
    people = [await somebody() for _ in range(30)]
    await fill(few, [(who, n + 1) for n, who in enumerate(people[:6])])
    await fill(many, [(who, n + 1) for n, who in enumerate(people)])
    await Reader(people[5], few).reads()
    await Reader(people[5], many).reads()

    sent = {}
    for board_set in (few, many):
        with statements() as noted:
            await Reader(people[5], board_set).reads()
        sent[board_set] = list(noted)

    assert sent[few] == sent[many]
    assert len(sent[few]) <= 7

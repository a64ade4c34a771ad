"""What a report says in sentences, in the reader's language; it draws nothing."""

from __future__ import annotations

from tltutor.evaluation.report.found import Found
from tltutor.evaluation.report.methods import Row
from tltutor.evaluation.report.shift import Test
from tltutor.experiment.experiment import SOURCE_ONLY
from tltutor.language import tr
from tltutor.metrics.judges import JUDGES
from tltutor.objectives import find_objective

HIGHER = 0.05  # an expected accuracy that is so far above the source's is not believed
USUAL_MISS = 15  # points, on average over `docs/expected.md`; a test holds it to the table


def percent(share: float) -> str:
    """Return a share, 0..1, in percent without decimals."""
    return f"{100 * share:.0f}\u00a0%"


def p_value(test: Test) -> str:
    """Return a p-value as it is written."""
    return f"p\u00a0=\u00a0{test.p:.3f}".replace("0.", ".", 1)


def title_of(method: str) -> str:
    """Return a method's title in the reader's language."""
    return tr(find_objective(method).title)


def short_title_of(method: str) -> str:
    """Return a method's title without what stands in parentheses."""
    return title_of(method).split("（")[0].split(" (")[0]


def is_there_a_shift(found: Found) -> str:
    """Answer the first question by the two tests."""
    probe = found.shift.probe
    values = {"accuracy": percent(probe.value), "p": p_value(probe)}
    if not found.shift.found:
        return tr(
            "None was found: a linear probe tells the domains apart in {accuracy} of cases, where guessing gives 50 % ({p}).",
            **values,
        )
    size = {
        "far": tr("Yes, they lie far apart"),
        "apart": tr("Yes, they lie apart"),
        "near": tr("Yes, but a small one"),
    }[found.size]
    if not probe.significant:
        return size + tr(
            ": the probe does not see it ({accuracy}, {p}), but MMD² does ({q}).",
            q=p_value(found.shift.mmd),
            **values,
        )
    return size + tr(
        ": a linear probe tells the domains apart in {accuracy} of cases, where guessing gives 50 % ({p}).",
        **values,
    )


def of_which_kind(found: Found) -> str:
    """Answer the second question: which kind of shift the tests speak for."""
    return {
        "none": tr(
            "There is nothing to explain. Labels may still mean something else in the target."
        ),
        "shares": tr(
            "Different shares of the classes are enough to explain it (label shift): weigh the source by class, do not align."
        ),
        "both": tr(
            "The examples look different. The answers also speak for other shares of the classes, if they can be believed."
        ),
        "looks": tr(
            "The examples look different (covariate or conditional shift); the classes' shares seem to be much the same."
        ),
    }[found.kind]


def would_a_method_help(found: Found) -> str:
    """Answer the third question by the judge's choice and how many judges agree."""
    choice, choices = found.choice, found.choices()
    if not found.learned and found.trunk:
        return tr(
            "It cannot be said: on the features of {trunk} the source is not learned ({accuracy} of held-out examples). Give it"
            " more examples or steps.",
            trunk=found.trunk,
            accuracy=percent(found.plain.source_accuracy),
        )
    if not found.learned:
        return tr(
            "It cannot be said: the small network has not learned the source ({accuracy} of held-out examples). Give it more"
            " examples or steps, or a pretrained network.",
            accuracy=percent(found.plain.source_accuracy),
        )
    if choice is None:
        return tr("No: every network answers with one class alone, or diverged.")
    agree = sum(method != SOURCE_ONLY for method in choices.values())
    values = {"judge": tr(JUDGES[found.judge].title), "agree": agree, "all": len(choices)}
    if choice.method == SOURCE_ONLY:
        return tr(
            "Probably not: {judge} prefers source-only; {agree} of {all} judges prefer a method.",
            **values,
        )
    if 2 * agree < len(choices):
        return tr(
            "{method} may help or not: {judge} prefers it, but only {agree} of {all} judges prefer a method to source-only.",
            method=title_of(choice.method),
            **values,
        )
    return tr(
        "{method} is worth a try: {judge} prefers it; {agree} of {all} judges prefer a method to source-only.",
        method=title_of(choice.method),
        **values,
    )


def how_good(found: Found) -> str:
    """Answer the fourth question by ATC's estimate, which is none where the domains lie far apart."""
    row = found.choice or found.plain
    if row.failed:
        return tr("It cannot be said: no network could be trained.")
    values = {"value": percent(row.expected), "low": percent(row.low), "high": percent(row.high)}
    if found.shift.found and found.size == "far":
        return tr(
            "It cannot be said without labels. ATC estimates {value} ({low} to {high} by sampling alone); between domains that lie so"
            " far apart that is mostly much too high. Label 100 target examples and count.",
            **values,
        )
    said = tr(
        "About {value} of the target's examples ({low} to {high} by sampling alone), and {source} of the source's.",
        source=percent(row.source_accuracy),
        **values,
    )
    if row.expected > row.source_accuracy + HIGHER:
        said += " " + tr(
            "More than on the source can hardly be true: the network is sure where it need not be right."
        )
    return said


def summary(found: Found) -> list[tuple[str, str]]:
    """Return the report's four questions with their answers."""
    return [
        (tr("Is there a shift?"), is_there_a_shift(found)),
        (tr("Of which kind?"), of_which_kind(found)),
        (tr("Would a method help?"), would_a_method_help(found)),
        (tr("How accurate would it be?"), how_good(found)),
    ]


def about_aa(found: Found) -> str:
    """Say what the A/A test showed, and what follows for the others."""
    if found.aa.found:
        return tr(
            "Two halves of the source, drawn at random, differ in this test. By chance that happens in 1 of 20 reports; copies"
            " or a group structure bring it about, too. Read the other tests with care."
        )
    return tr(
        "Two halves of the source, drawn at random, do not differ in these tests, as it must be. What follows is measured with"
        " the same tests."
    )


def about_copies(found: Found) -> str:
    """Say how many target examples are in the source, and how many validation examples in the training part."""
    between, within = found.between, found.within
    if not between.count and not within.count:
        return tr(
            "No example of the target is in the source too, and none of the source is there twice."
        )
    return tr(
        "{between} of {n} target examples are in the source too, as exact copies or nearly the same; {within} of the source's"
        " validation examples have a twin in its training part. Twins make every number look better than it is. Small pictures"
        " can be alike by nature: look at them before you call them copies.",
        between=between.count,
        n=len(found.target),
        within=within.count,
    )


def about_shares(found: Found) -> str:
    """Say what the estimates of the shares stand on, and whether they explain the shift."""
    base = tr(
        "Both estimates read the target's shares off the answers of source-only. They are right if only the shares moved, and"
        " wrong if the examples of a class look different."
    )
    if found.reshared is None or not found.shift.found:
        return base
    values = {"n": found.reshared_count, "accuracy": percent(found.reshared.probe.value)}
    if found.reshared.found:
        return (
            base
            + " "
            + tr(
                "They do not explain all: of a source redrawn with the shares by EM ({n} examples), the probe still tells the target"
                " apart in {accuracy} of cases.",
                **values,
            )
        )
    return (
        base
        + " "
        + tr(
            "They are enough: a source redrawn with the shares by EM ({n} examples) cannot be told from the target any more"
            " ({accuracy}; with fewer examples a test also sees less).",
            **values,
        )
    )


def about_methods(found: Found) -> str:
    """Say what the methods trained on, how, and how one was chosen."""
    return (
        _trained_on(found)
        + " "
        + tr(
            "Judges see 20 % of the source, on which no network was trained, and the target without labels; more is better. The"
            " choice is the best mean of “{judge}”. Its limits: {limits} A method that trains on what a judge rewards, as MCC does"
            " on sure answers, is favored by it: look at the other rows, too.",
            judge=tr(JUDGES[found.judge].title),
            limits=tr(JUDGES[found.judge].limits),
        )
    )


def _trained_on(found: Found) -> str:
    """Say which network the methods trained, and how long."""
    values = {"steps": found.steps, "seeds": len(found.seeds)}
    if not found.trunk:
        return tr(
            "A small network from random weights, {steps} steps, {seeds} seeds, λ = 1.", **values
        )
    return tr(
        "Two small layers and a head on the frozen features of {trunk} with ImageNet's weights, which were found on this machine"
        " and do not train; {steps} steps, {seeds} seeds, λ = 1.",
        trunk=found.trunk,
        **values,
    )


def about_expected() -> str:
    """Say what the expected accuracy is, and how far it can be off."""
    return tr(
        "The expected accuracy is ATC's estimate (Garg et al., 2022): the share of target examples on which the network is as"
        " sure as where it is right on the source. The bar is its 95 % interval over samples and seeds. It does not contain the"
        " error that comes of being sure and wrong, which is often the larger one: on the pairs that come with tltutor, the"
        " estimate was off by about {off} points on average, mostly too high.",
        off=USUAL_MISS,
    )


def limits(found: Found) -> list[str]:
    """Return what no report without target labels can know."""
    said = [
        tr(
            "Whether a class means the same in both domains. If labels mean something else in the target, every number here can"
            " be good and every answer wrong."
        ),
        tr(
            "Whether clusters of two classes have changed places: judges see how sure the answers are, not whether they are right."
        ),
        tr(
            "Whether the target has a class that the source lacks: its examples are given one of the known classes."
        ),
        _of_other_networks(found),
    ]
    if found.differences or found.source.is_image:
        said.append(
            tr(
                "Whether the difference matters for the task: a probe also finds a frame, a logo or another camera's noise."
            )
        )
    said.append(
        tr(
            "The way out: label 100 target examples, drawn at random, and count. The accuracy is then known to about 10 points"
            " either way, which no judge can promise."
        )
    )
    return said


def _of_other_networks(found: Found) -> str:
    if found.trunk:
        return tr(
            "How it would be if {trunk} trained too, or if a larger network stood in its place: the comparison of methods may then"
            " come out differently.",
            trunk=found.trunk,
        )
    return tr(
        "How a larger, pretrained network would do. For photographs it is the first thing to try; the comparison of methods"
        " may then come out differently."
    )


def judge_scores(row: Row, names: list[str]) -> list[str]:
    """Return a row's scores in the order of the judges' names."""
    values = [row.scores.get(name) for name in names]
    return ["–" if value is None else f"{value:.3f}" for value in values]

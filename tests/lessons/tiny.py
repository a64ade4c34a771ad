"""A whole lesson, as small as one can be, to be written into a folder of its own."""

from __future__ import annotations

import json
from pathlib import Path

LESSON = """<!-- en -->

# 90 · Tiny

You need no [source](#word-source), but a [crumb](#word-crumb).

<!-- zh -->

# 90 · 很小

不需要[源域](#word-source)，但需要[碎屑](#word-crumb)。

```python
# Run me
from tltutor import lessons

lesson = lessons.begin("90")
lesson
```

<!-- en -->

## 1 · A gain

It gained {{ gain("with", "without") }} ({{ spread("with") }}; {{ each("with") | join(", ") }}; {{ measured_with }}).

<!-- zh -->

## 1 · 收益

收益 {{ gain("with", "without") }}（{{ spread("with") }}；{{ each("with") | join("、") }}；{{ measured_with }}）。

```python fold
guess = lesson.predict("steps")
guess
```

```python
small = lesson.board("small")
guess.unlocks(small)
small
```

```python
lessons.autoplay(small)
guess.check(float(small.session.step_number))
```

```python fold
lesson.explain("why")
```

```python
def double(x):
    return ...


lesson.exercise("double", double)
```

```python
broken = lesson.board("broken")
broken.reveal()
```

```python
lesson.exit_ticket()
```

<!-- en -->

{{ next_lesson }}

<details><summary>Teacher's notes</summary>

Secret.

</details>

<!-- zh -->

{{ next_lesson }}

<details><summary>教学说明</summary>

秘密。

</details>
"""

SCRIPT = """words = ["source", "crumb"]
moves = { en = "steps", zh = "步数" }
sees = { en = "a tiny run", zh = "一次很小的运行" }

[glossary.crumb]
name = { en = "crumb", zh = "碎屑" }
en = "A small thing."
zh = "很小的东西。"

[[goals]]
en = "Do it"
zh = "做到"
needs = ["steps", "why", "double", "exit"]

[predict.steps]
en = "How many steps?"
zh = "多少步？"
[predict.steps.options.few]
range = [0, 10]
en = "Few"
zh = "少"
say.en = "Count them."
say.zh = "数一数。"
[predict.steps.options.many]
range = [10, inf]
en = "Many"
zh = "多"

[explain.why]
en = "Why so few?"
zh = "为什么这么少？"
after = ["small"]
right = "asked"
[explain.why.options.asked]
en = "We asked for three"
zh = "我们只要了三步"
say.en = "steps = 3 says it."
say.zh = "steps = 3 就是这个意思。"
[explain.why.options.tired]
en = "The network was tired, and wanted to go home"
zh = "网络累了，想回家"
say.en = "Networks do not tire."
say.zh = "网络不会累。"

[exercises.double]
solution = '''
def double(x):
    return 2 * x
'''
hints = [{ en = "One", zh = "一" }, { en = "Two", zh = "二" }, { en = "Three", zh = "三" }]
mistakes.half = { en = "You halved it.", zh = "你减半了。" }

[exit.last]
en = "Was that all?"
zh = "就这些？"
right = "yes"
[exit.last.options.yes]
en = "Yes"
zh = "是"
say.en = "It was tiny, as its title says."
say.zh = "题目就说它很小。"
[exit.last.options.no]
en = "No"
zh = "不是"
say.en = "Nothing follows here."
say.zh = "后面没有了。"

[boards.small]
pair = "moons->rotated-moons"
objective = "source-only"
steps = 3
batch_size = 8
snapshot_size = 20
projection = "pca"

[boards.broken]
like = "small"
fault = "tiny-fault"
en = "It gives nothing away"
zh = "什么都看不出来"
"""

EXERCISES = '''"""The tiny lesson's exercise."""

from tltutor.lessons.exercises import Exercise

EXERCISES = {
    "double": Exercise(lambda x: 2 * x, [(1.0,), (3.0,)], {"half": lambda x: x / 2}),
}
'''

FAULTS = '''"""The tiny lesson's fault."""

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.objective import task_loss
from tltutor.objectives.dann import DANN


class Tiny(DANN):
    """No domain term."""

    settings = (*DANN.settings, MISTAKE)

    def broken(self, batch):
        return {"task": task_loss(batch), "domain": 0 * task_loss(batch)}

    def right(self, batch):
        return super().forward(batch)

    def forward(self, batch):
        return self.broken(batch) if self.mistake else self.right(batch)


FAULTS = {"tiny-fault": Tiny}
'''

MEASURED = {
    "measured_with": {"torch": "9.9", "processor": "abacus"},
    "seeds": [0, 1, 2, 10],
    "figures": {"with": [0.9, 0.8, 0.7, 1.0], "without": [0.5, 0.5, 0.44, 0.0]},
}

FILES = {
    "lesson.md": LESSON,
    "lesson.toml": SCRIPT,
    "exercises.py": EXERCISES,
    "faults.py": FAULTS,
    "measured.json": json.dumps(MEASURED),
}


def write_lesson(place: Path, name: str = "90_tiny", **changed: str) -> Path:
    """Write the lesson's folder into this place; changed: other texts for lesson_md, lesson_toml, exercises_py, …"""
    folder = place / name
    folder.mkdir(parents=True)
    for file, text in FILES.items():
        (folder / file).write_text(changed.get(file.replace(".", "_"), text), "utf-8")
    return folder

"""A lesson's exit ticket as a content package for a learning platform: QTI 2.1 in IMS Content Packaging 1.1, one item a question.

IMS Question & Test Interoperability, Information Model 2.1 (2012), sections 3 (items), 5 (tests); Content Packaging 1.1.4 (2004).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from tltutor.files import replacing
from tltutor.language import language
from tltutor.lessons.wording import Question, localized, script

QTI, PACK = "http://www.imsglobal.org/xsd/imsqti_v2p1", "http://www.imsglobal.org/xsd/imscp_v1p1"
SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
WHERE = {
    QTI: f"{QTI} http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd",
    PACK: f"{PACK} http://www.imsglobal.org/xsd/imscp_v1p1.xsd",
}
TEST, MANIFEST = "test.xml", "imsmanifest.xml"
WHEN = (1980, 1, 1, 0, 0, 0)  # the same package for the same questions


def write_tickets(number: str, out: Path) -> int:
    """Write the exit ticket of a lesson, in the current language, and return its number of questions.

    Errors: ValueError for an unknown lesson or one without a ticket; OSError.
    """
    words = script(number)
    if not words.exit:
        raise ValueError(
            f"lesson {number} has no exit ticket: choose a lesson with [exit.…] in its lesson.toml"
        )
    title = localized(words.title)
    files = {f"{_name(number, question)}.xml": _item(number, question) for question in words.exit}
    parts = {MANIFEST: _manifest(number, list(files)), TEST: _test(number, title, files), **files}
    with (
        replacing(out, "exit ticket") as part,
        zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as pack,
    ):
        for name, root in parts.items():
            ET.indent(root)
            text = ET.tostring(root, "utf-8", xml_declaration=True)
            pack.writestr(zipfile.ZipInfo(name, WHEN), text, zipfile.ZIP_DEFLATED)
    return len(files)


def _name(number: str, question: Question) -> str:
    return f"lesson-{number}-{question.id}"


def _root(name: str, space: str, **about: str) -> ET.Element:
    """Return the root of a document in this namespace."""
    return ET.Element(
        name, {"xmlns": space, "xmlns:xsi": SCHEMA, "xsi:schemaLocation": WHERE[space], **about}
    )


def _add(parent: ET.Element, name: str, text: str = "", **about: str) -> ET.Element:
    child = ET.SubElement(parent, name, about)
    child.text = text or None
    return child


def _item(number: str, question: Question) -> ET.Element:
    """Return a question with one choice: its right option, its points, and what is said of each option."""
    item = _root(
        "assessmentItem",
        QTI,
        identifier=_name(number, question),
        title=localized(question.text)[:80],
        adaptive="false",
        timeDependent="false",
        **{"xml:lang": language()},
    )
    response = _add(
        item,
        "responseDeclaration",
        identifier="RESPONSE",
        cardinality="single",
        baseType="identifier",
    )
    _add(_add(response, "correctResponse"), "value", _key(question.right_id))
    score = _add(
        item, "outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float"
    )
    _add(_add(score, "defaultValue"), "value", "0")
    _add(
        item,
        "outcomeDeclaration",
        identifier="FEEDBACK",
        cardinality="single",
        baseType="identifier",
    )
    shuffled = str(not question.ordered).lower()
    choice = _add(
        _add(item, "itemBody"),
        "choiceInteraction",
        responseIdentifier="RESPONSE",
        shuffle=shuffled,
        maxChoices="1",
    )
    _add(choice, "prompt", localized(question.text))
    for option in question.options:
        _add(choice, "simpleChoice", localized(option.text), identifier=_key(option.id))
    _judge(item)
    for option in question.options:
        about = {"outcomeIdentifier": "FEEDBACK", "identifier": _key(option.id), "showHide": "show"}
        _add(item, "modalFeedback", localized(option.feedback), **about)
    return item


def _key(option: str) -> str:
    """Return an option's id as an identifier, which must begin with a letter."""
    return f"option-{option}"


def _judge(item: ET.Element) -> None:
    """One point for the right option; the feedback is that of the option that was chosen."""
    processing = _add(item, "responseProcessing")
    right = _add(_add(processing, "responseCondition"), "responseIf")
    match = _add(right, "match")
    _add(match, "variable", identifier="RESPONSE")
    _add(match, "correct", identifier="RESPONSE")
    _add(_add(right, "setOutcomeValue", identifier="SCORE"), "baseValue", "1", baseType="float")
    _add(
        _add(processing, "setOutcomeValue", identifier="FEEDBACK"),
        "variable",
        identifier="RESPONSE",
    )


def _test(number: str, title: str, files: Iterable[str]) -> ET.Element:
    """Return the test: all questions, in one part and one section."""
    test = _root("assessmentTest", QTI, identifier=f"lesson-{number}-exit", title=title)
    part = _add(
        test, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="individual"
    )
    section = _add(part, "assessmentSection", identifier="questions", title=title, visible="true")
    for file in files:
        _add(section, "assessmentItemRef", identifier=file.removesuffix(".xml"), href=file)
    return test


def _manifest(number: str, files: Sequence[str]) -> ET.Element:
    """Return the list of what is in the package."""
    manifest = _root("manifest", PACK, identifier=f"tltutor-lesson-{number}")
    about = _add(manifest, "metadata")
    _add(about, "schema", "QTIv2.1 Package")
    _add(about, "schemaversion", "1.0.0")
    _add(manifest, "organizations")
    resources = _add(manifest, "resources")
    test = _add(resources, "resource", identifier="test", type="imsqti_test_xmlv2p1", href=TEST)
    _add(test, "file", href=TEST)
    for file in files:
        _add(test, "dependency", identifierref=file.removesuffix(".xml"))
    for file in files:
        name = file.removesuffix(".xml")
        item = _add(resources, "resource", identifier=name, type="imsqti_item_xmlv2p1", href=file)
        _add(item, "file", href=file)
    return manifest

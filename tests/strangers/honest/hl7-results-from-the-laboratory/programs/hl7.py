"""As much of HL7 version 2 as the laboratory's interface needs."""

from datetime import datetime


def segment(name, *fields):
    return "|".join((name, *(str(field) for field in fields)))


def message(kind, control_id, *segments):
    now = datetime.now().strftime("%Y%m%d%H%M%S.%f")[:-2]
    head = segment("MSH", "^~\\&", "LAB", "ST.ELSEWHERE", "EHR", "LESSON", now, "", kind, control_id)
    return "\r".join((f"{head}|P|2.5.1", *segments, "")).encode("latin-1")


class Parsed:
    def __init__(self, body):
        lines = body.decode("latin-1").split("\r")
        self.segments = [line.split("|") for line in lines if line]

    def field(self, name, number):
        """Return the field of the first segment of this name. MSH-1 is the separator itself."""
        fields = next(fields for fields in self.segments if fields[0] == name)
        return fields[number - 1 if name == "MSH" else number]

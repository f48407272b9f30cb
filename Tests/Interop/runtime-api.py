#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays the conversations of runtime-cases.txt with a proxy that runs runtime.cfg.

    runtime-api.py check DIRECTORY     compares what the sockets in DIRECTORY answer; exit code 1 on a difference
    runtime-api.py record DIRECTORY    writes what they answer into runtime-cases.txt
    runtime-api.py peek DIRECTORY LINE prints what a line is answered

Each conversation is a connection of its own, one after the other: later ones see what earlier ones did.
"""
import os
import re
import socket
import sys

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runtime-cases.txt")
# What differs from run to run, from program to program, or with the hour. HAProxy counts the
# connections of health checks as used, this program does not.
MASKED_COLUMNS = ["lastchg", "downtime", "check_duration", "need_conn_est"]


def escape(text):
    text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return text[:-1] + "\\s" if text.endswith(" ") else text


def unescape(text):
    table = {"n": "\n", "r": "\r", "\\": "\\"}
    return re.sub(r"\\(.)", lambda match: table[match[1]], text)


def masked(text):
    """The same is done in RuntimeCasesTests.swift."""
    lines, columns = [], []
    for line in text.split("\n"):
        if line.startswith("# pxname,"):
            columns = line[2:].split(",")
            line = "{stat header}" if len(columns) == 129 else line
        elif columns and line.count(",") == 128:
            cells = line.split(",")
            for name in MASKED_COLUMNS:
                place = columns.index(name)
                cells[place] = "*" if cells[place] else ""
            line = ",".join(cells)
        elif line.startswith("# be_id be_name"):
            line = "{servers header}" if len(line.split(" ")) == 26 else line
        elif len(line.split(" ")) == 25 and line[0].isdigit():
            fields = line.split(" ")
            fields[9] = "*"
            line = " ".join(fields)
        elif re.fullmatch(r"\S+/\S+ \d+/\d+ (\S+ ){11}\S+", line):
            fields = line.split(" ")
            fields[7] = fields[8] = "*"
            line = " ".join(fields)
        lines.append(line)
    text = "\n".join(lines)
    text = re.sub(r"0x[0-9a-f]+: ", "0x*: ", text)
    text = re.sub(r"captured on \[[^]]*\]", "captured on [*]", text)
    text = re.sub(r"2\.6\.\d+[-+.\w]*", "{version}", text)
    # What is no command draws a list that depends on what the program has.
    text = re.sub(r"(\n|^)  [a-z][^\n]*: [^\n]*(?=\n)", "", text)
    names = "|".join(MASKED_COLUMNS)
    text = re.sub(rf"\.({names})\.1:(\w+:\w+):\d+", r".\1.1:\2:*", text)
    return re.sub(rf'("name":"({names})"[^\n]*?"value":)\d+', r"\1*", text)


def ask(directory, level, data):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(0.5)
    client.connect(os.path.join(directory, level + ".sock"))
    client.sendall(data.encode())
    answer, over = b"", False
    try:
        while not over:
            chunk = client.recv(65536)
            over = not chunk
            answer += chunk
    except socket.timeout:
        pass
    client.close()
    return answer.decode(), over


def main():
    verb, directory = sys.argv[1:3]
    if verb == "peek":
        print(ask(directory, "admin", sys.argv[3] + "\n")[0])
        return 0
    lines = open(CASES).read().split("\n")
    result, differences, count = [], 0, 0
    for line in lines:
        match = re.fullmatch(r"(admin|operator|user)> (.*)", line)
        if match:
            answer, over = ask(directory, match[1], unescape(match[2]))
            told = (("= " if over else "… ") + escape(masked(answer))).strip()
            count += 1
        if match or not re.match("[=…] ?", line):
            result.append(line)
        if match and verb == "record":
            result.append(told)
        elif match:
            expected = told
        elif verb == "check" and re.match("[=…] ?", line) and line != expected:
            differences += 1
            print(f"differs: {result[-1]}\n  recorded {line}\n  now      {expected}")
    if verb == "record":
        open(CASES, "w").write("\n".join(result))
    print(f"{count} conversations, {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""Prints what Python's codecs make of every sequence of one, two and (GB18030) four bytes.

A line for each charset and first byte: charset, the bytes before the last, then the text of each
value of the last byte as code points in hexadecimal, joined by '+', or '-' where it is none.
"""
import sys

CODECS = {
    "GB18030": "gb18030",
    "GBK": "gbk",
    "Big5": "cp950",
    "Big5-HKSCS": "big5hkscs",
    "Shift_JIS": "cp932",
    "EUC-JP": "euc_jp",
    "EUC-KR": "cp949",
    "TIS-620": "cp874",
    "KOI8-R": "koi8_r",
    "KOI8-U": "koi8_u",
    "IBM866": "cp866",
    "macintosh": "mac_roman",
    **{f"windows-{n}": f"cp{n}" for n in range(1250, 1259)},
    **{f"ISO-8859-{n}": f"iso8859_{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15)},
}
WIDE = ["GB18030", "GBK", "Big5", "Big5-HKSCS", "Shift_JIS", "EUC-JP", "EUC-KR"]


def text_of(codec, sequence):
    try:
        text = sequence.decode(codec)
    except UnicodeDecodeError:
        return "-"
    return "+".join(f"{ord(c):x}" for c in text)


def single(codec, byte):
    return text_of(codec, bytes([byte])) != "-"


def row(charset, codec, prefix):
    texts = " ".join(text_of(codec, prefix + bytes([last])) for last in range(256))
    print(charset, prefix.hex() or "-", texts)


for charset, codec in CODECS.items():
    row(charset, codec, b"")
    if charset in WIDE:
        for lead in range(0x80, 0x100):
            if not single(codec, lead):
                row(charset, codec, bytes([lead]))
for linear in range(0, 39420, 10):
    prefix = bytes([0x81 + linear // 12600, 0x30 + linear // 1260 % 10, 0x81 + linear // 10 % 126])
    row("GB18030", "gb18030", prefix)
sys.stdout.flush()

"""Stock SQLCipher (PyPI sqlcipher3-wheels, built with OpenSSL) as the independent reader and writer of our file format.

usage: stock_sqlcipher.py read|write FILE RAW_KEY
"""
import sys

import sqlcipher3

SETTINGS = ("PRAGMA cipher_page_size = 4096", "PRAGMA cipher_hmac_algorithm = HMAC_SHA256")


def open_keyed(path, raw_key):
    connection = sqlcipher3.connect(path, isolation_level=None)
    connection.execute('PRAGMA key = "%s"' % raw_key)
    for setting in SETTINGS:
        connection.execute(setting).fetchall()
    return connection


def one(connection, sql):
    return connection.execute(sql).fetchone()[0]


def read(path, raw_key):
    connection = open_keyed(path, raw_key)
    print("provider", one(connection, "PRAGMA cipher_provider"))
    print("version", one(connection, "PRAGMA cipher_version"))
    print("integrity", one(connection, "PRAGMA integrity_check"))
    print("bad_pages", len(connection.execute("PRAGMA cipher_integrity_check").fetchall()))
    print("entries", one(connection, "SELECT count(*) FROM entry"))
    print("found", one(connection, "SELECT count(*) FROM entry_fts WHERE entry_fts MATCH 'nausea'"))
    print("json", one(connection, "SELECT json FROM entry ORDER BY number LIMIT 1"))


def write(path, raw_key):
    connection = open_keyed(path, raw_key)
    connection.execute("CREATE TABLE theirs (number INTEGER PRIMARY KEY, words TEXT NOT NULL)")
    connection.execute("BEGIN")
    for number in range(1, 501):
        connection.execute("INSERT INTO theirs VALUES (?, ?)", (number, "word %d " % number * 20))
    connection.execute("COMMIT")
    connection.execute("PRAGMA user_version = 7")
    connection.close()


if __name__ == "__main__":
    {"read": read, "write": write}[sys.argv[1]](sys.argv[2], sys.argv[3])

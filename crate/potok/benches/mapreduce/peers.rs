//! The same count in Python, as whole programs.

pub(crate) const POOL: &str = r#"
import sys, os, collections, multiprocessing
def part(ends):
    with open(sys.argv[1], "rb") as f:
        f.seek(ends[0])
        return collections.Counter(f.read(ends[1] - ends[0]).lower().split())
if __name__ == "__main__":
    size = os.path.getsize(sys.argv[1])
    ends = [0]
    with open(sys.argv[1], "rb") as f:
        for n in range(1, 16):
            f.seek(size * n // 16); f.readline(); ends.append(f.tell())
    ends.append(size)
    total = collections.Counter()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for counter in pool.imap_unordered(part, zip(ends, ends[1:])):
            total.update(counter)
    print(len(total), sum(total.values()))
"#;

pub(crate) const POLARS: &str = r#"
import sys, polars as pl
words = pl.Series([open(sys.argv[1]).read()]).str.to_lowercase().str.split("\n").explode()
words = words.str.split(" ").explode().drop_nulls()
counts = words.filter(words != "").value_counts()
print(len(counts), counts["count"].sum())
"#;

pub(crate) const DUCKDB: &str = r#"
import sys, duckdb
sql = """with words as (select lower(unnest(string_split(line, ' '))) as word from
    read_csv(?, columns={'line': 'varchar'}, delim='\x01', header=false, quote='', escape=''))
    select count(*), sum(n) from (select word, count(*) n from words where word <> '' group by word)"""
duckdb.sql("set threads=2")
duckdb.sql("set enable_progress_bar=false")
print(*map(int, duckdb.execute(sql, [sys.argv[1]]).fetchone()))
"#;

//! Text of any size whose words are as unevenly common as those of a real language.
//!
//! ```
//! use potok::map_reduce::Zipf;
//! let text = Zipf::english(7).text(1_000);
//! assert_eq!(text.len(), 1_000);
//! assert_eq!(text, Zipf::english(7).text(1_000));
//! assert_ne!(text, Zipf::english(8).text(1_000));
//! ```
//!
//! *What to notice*: the seed decides every letter. By Zipf's law the word of rank *r* is
//! drawn with a weight of 1 / *r*, so a few words are most of the text and most words are
//! rare: that is why a combiner pays, and why partitions are skewed.

use crate::words;
use potok_base::error::{Error, Result};
use potok_base::random::Random;
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// A generator of text by Zipf's law.
#[derive(Clone, Debug)]
pub struct Zipf {
    seed: u64,
    language: Language,
    words: usize,
    exponent: f64,
}

#[derive(Clone, Copy, Debug)]
struct Language {
    /// The most common words, in their order.
    head: &'static str,
    /// What rarer words are put together from.
    syllables: &'static str,
}

const ENGLISH: Language = Language {
    head: "the of and to a in is it you that he was for on are with as his they be at one \
           have this from or had by hot word but what some we can out other were all there \
           when up use your how said an each she which do their time if will way about many \
           then them write would like so these her long make thing see him two has look more \
           day could go come did number sound no most people my over know water than call \
           first who may down side been now find thread process queue lock task worker wait",
    syllables: "ba be bi bo da de di dor fa fen fi gal ge go har hi ho ka kel ki lan le lin \
                ma mer mi mon na nel no pa per pi ra ren ri sa sel so ta ter ti to va ven vi",
};

const RUSSIAN: Language = Language {
    head: "и в не на я быть он с что а по это она этот к но они мы весь который из у то за \
           свой от мочь год один такой тот или если только его бы себя ещё другой когда уже \
           для вот кто да говорить знать мой до как время рука нет самый ни стать большой \
           даже наш под где дело есть сам раз чтобы два там чем глаз жизнь первый день тут \
           во ничто потом очень со хотеть ли при голова надо без видеть идти теперь тоже \
           стоять друг дом сейчас можно после слово здесь думать место поток процесс очередь",
    syllables: "ба бе бо ва ве ви го да де до жа же за зе ка ки ко ла ле ли ло ма ме ми мо на \
                не но па пе по ра ре ри ро са се си со та те ти то фа фи хо ча че ша ше",
};

impl Zipf {
    /// Words of English, and rarer ones that only look like it.
    pub fn english(seed: u64) -> Self {
        Zipf { seed, language: ENGLISH, words: 50_000, exponent: 1.0 }
    }

    /// Words of Russian, and rarer ones that only look like it.
    pub fn russian(seed: u64) -> Self {
        Zipf { language: RUSSIAN, ..Zipf::english(seed) }
    }

    /// The number of different words; 50,000 by default.
    #[must_use]
    pub fn words(mut self, n: usize) -> Self {
        self.words = n.max(1);
        self
    }

    /// The exponent of the rank in the weight; 1 by default. 0 makes all words equally
    /// common, a larger one makes the common words more so.
    #[must_use]
    pub fn exponent(mut self, exponent: f64) -> Self {
        self.exponent = exponent;
        self
    }

    /// A text of `bytes` bytes in lines of twelve words; shorter by a byte or two where
    /// a letter does not fit any more.
    pub fn text(&self, bytes: usize) -> String {
        let mut text = Vec::with_capacity(bytes);
        // Writing to memory does not fail.
        let _ = self.write_to(&mut text, bytes as u64);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Writes a text of `bytes` bytes to a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>, bytes: u64) -> Result<()> {
        let path = path.as_ref();
        let written = File::create(path).and_then(|file| {
            let mut file = BufWriter::with_capacity(1 << 20, file);
            self.write_to(&mut file, bytes)?;
            file.flush()
        });
        written.map_err(|e| Error::io(words::cannot_write(path.display()), &e))
    }

    fn write_to(&self, out: &mut impl Write, bytes: u64) -> std::io::Result<()> {
        let words = self.vocabulary();
        let weight = |rank| (rank as f64).powf(-self.exponent);
        let draw = Alias::new(&(1..=words.len()).map(weight).collect::<Vec<f64>>());
        let mut random = Random::seeded(self.seed);
        let mut left = bytes;
        let mut line = String::new();
        while left > 0 {
            line.clear();
            for n in 0..12 {
                line.push_str(&words[draw.sample(&mut random)]);
                line.push(if n == 11 { '\n' } else { ' ' });
            }
            let mut end = (left as usize).min(line.len());
            while !line.is_char_boundary(end) {
                end -= 1;
            }
            out.write_all(&line.as_bytes()[..end])?;
            left = if end == line.len() { left - end as u64 } else { 0 };
        }
        Ok(())
    }

    /// The words by rank: first those of the language, then syllables counted up, without
    /// what happens to be a word of the language (*надо*, *голова*) and has a rank already.
    fn vocabulary(&self) -> Vec<String> {
        let head = self.language.head.split_whitespace();
        let known: HashSet<&str> = head.clone().collect();
        let syllables: Vec<&str> = self.language.syllables.split_whitespace().collect();
        let tail = (syllables.len()..).map(|mut n| {
            let mut word = String::new();
            while n > 0 {
                word.push_str(syllables[n % syllables.len()]);
                n /= syllables.len();
            }
            word
        });
        let new = tail.filter(|word| !known.contains(word.as_str()));
        head.map(str::to_owned).chain(new).take(self.words).collect()
    }
}

/// Draws from weights in constant time. After Michael Vose, "A linear algorithm for
/// generating random numbers with a given distribution" (1991).
///
/// Not by `rand_distr`: it would be four crates for these lines, and its sequences, which
/// decide every text here, change with its versions.
struct Alias {
    /// For each column: below which share it is itself, and who it is above.
    columns: Vec<(f64, usize)>,
}

impl Alias {
    fn new(weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let n = weights.len();
        let mut shares: Vec<f64> =
            weights.iter().map(|w| w * n as f64 / total).collect();
        let mut columns: Vec<(f64, usize)> = (0..n).map(|i| (1.0, i)).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..n).partition(|&i| shares[i] < 1.0);
        while let (Some(low), Some(high)) = (small.pop(), large.pop()) {
            columns[low] = (shares[low], high);
            shares[high] -= 1.0 - shares[low];
            if shares[high] < 1.0 { small.push(high) } else { large.push(high) }
        }
        Alias { columns }
    }

    fn sample(&self, random: &mut Random) -> usize {
        let draw = random.next_u64();
        let column = (((draw >> 32) * self.columns.len() as u64) >> 32) as usize;
        let share = (draw & 0xffff_ffff) as f64 / 4_294_967_296.0;
        let (own, other) = self.columns[column];
        if share < own { column } else { other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn the_word_of_rank_two_comes_half_as_often() {
        let text = Zipf::english(1).text(2_000_000);
        let mut counts: HashMap<&str, f64> = HashMap::new();
        for word in text.split_whitespace() {
            *counts.entry(word).or_default() += 1.0;
        }
        let ratio = counts["the"] / counts["of"];
        assert!((1.9..2.1).contains(&ratio), "{ratio}");
        assert!(counts.len() > 10_000);
    }

    #[test]
    fn a_russian_text_is_cut_between_letters() {
        for bytes in 100..110 {
            let text = Zipf::russian(3).text(bytes);
            assert!(bytes - text.len() <= 1 && !text.contains('\u{fffd}'), "{text}");
        }
    }

    #[test]
    fn no_word_is_there_twice() {
        for generator in [Zipf::english(0), Zipf::russian(0)] {
            // Enough for words of two, three and four syllables.
            let words = generator.words(150_000).vocabulary();
            let mut seen = HashSet::new();
            let twice: Vec<_> =
                words.iter().filter(|word| !seen.insert(*word)).collect();
            assert!(twice.is_empty(), "{twice:?}");
            assert_eq!(words.len(), 150_000);
        }
    }
}

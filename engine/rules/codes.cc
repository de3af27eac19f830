// Every diagnostic code with its long explanation: one table, so that no code means two things.
#include "engine/rules/codes.h"

#include <vector>

#include "engine/rules/diagnostics.h"

namespace winnow::rules {
namespace {

constexpr DiagnosticCode kCodes[] = {
    // ---- YAML: any file of ours ----
    {"Y001", "the file is too large",
     R"(A source file is read into memory as a whole, so its size is bounded. Split it: the
order of files and of the rules in them does not change what a pack finds.)"},
    {"Y002", "the file is not well-formed UTF-8",
     R"(Source is UTF-8 without exception. The caret shows the first byte that belongs to no
character; the file was probably saved as GBK, Big5 or UTF-16. Convert it: `iconv -f
GB18030 -t UTF-8`.)"},
    {"Y003", "a control character stands in the file",
     R"(Control characters, and the Unicode line and paragraph separators, cannot be seen and
move what follows them to another line in some programs but not in others. Remove the
character. If a test needs it, write an escape within double quotes: "a\u0007b".)"},
    {"Y004", "this is not YAML",
     R"(The text has not the form of YAML. The usual reasons: indentation that does not line up;
a text that holds `: ` or ` #`, or begins with a character that YAML uses itself; a
bracket or quote that is never closed. Put such texts into single quotes: 'note: call
me'.)"},
    {"Y005", "a tab stands where YAML wants spaces",
     R"(YAML does not allow tabs in indentation. Replace them with spaces.)"},
    {"Y006", "the values are nested too deeply",
     R"(Nesting is bounded so that hostile input cannot exhaust the stack. A rule that needs
more than a handful of levels should be several rules.)"},
    {"Y007", "anchors are not accepted",
     R"(`&name` marks a value for use elsewhere in the file. It makes a rule's meaning depend on
text far from it, and small files expand to huge ones, so it is refused. Write the value
out.)"},
    {"Y008", "aliases are not accepted",
     R"(`*name` repeats a value that was marked elsewhere; see Y007. A text that begins with `*`
needs quotes.)"},
    {"Y009", "tags are not accepted",
     R"(`!tag` asks for a type. Every value is read as text and typed by the key it stands
under, so there is nothing to ask for. A text that begins with `!` needs quotes.)"},
    {"Y010", "merge keys are not accepted",
     R"(`<<` copies the keys of another mapping, silently overriding some. Write the keys out.)"},
    {"Y011", "a key is given twice",
     R"(YAML programs differ in which one they keep. Remove one of them.)"},
    {"Y012", "the file holds more than one document",
     R"(A line `---` begins a second document, which many programs ignore. Put it into its own
file.)"},
    {"Y013", "a key must be a plain text",
     R"(Lists, mappings and empty texts cannot be keys here.)"},
    {"Y014", "directives are not accepted",
     R"(Lines such as `%YAML 1.1` and `%TAG` change how a file is read. Remove them.)"},
    {"Y015", "the file begins with a byte order mark",
     R"(It is ignored, but other programs show it or stumble over it. Save the file as UTF-8
without one ("UTF-8", not "UTF-8 with BOM").)"},
    {"Y016", "the file holds too many values",
     R"(Each value of a file takes a good deal more memory than its bytes, so their number is
bounded too. Split the file.)"},
    {"Y017", "the file cannot be laid out anew",
     R"(`winnow rules fmt` reads what it has written and compares. A text over several lines
with an indentation number (`|2`), or in quotes within brackets, may come out another:
write it in double quotes on one line.)"},

    // ---- Rules ----
    {"R001", "a rule file is a list of rules",
     R"(Each file holds a list, even of a single rule:

    - id: gambling.online_casino
      category: vice_violence
      ...)"},
    {"R002", "unknown key",
     R"(Unknown keys are refused, since a misspelt one would otherwise change the rule in
silence. The help line names the keys that may stand there.)"},
    {"R003", "a key is missing",
     R"(A rule needs `id`, `category`, `severity`, `action`, `match`, `reason` and `tests`, and
`label` where its category has labels. A `near` needs `within` and `of`.)"},
    {"R004", "a value has the wrong form",
     R"(A text stands where a list belongs, a list where a mapping belongs, and so on. Lists are
written `[a, b]` or as lines beginning with `- `; mappings `{a: b}` or as lines `a: b`.)"},
    {"R005", "a value is empty",
     R"(A key without a value, an empty list or an empty text says nothing. Fill it in or, where
the key is optional, leave it out.)"},
    {"R006", "unknown value",
     R"(The key takes one of a closed list of words, which the help line names.)"},
    {"R007", "a value is named twice", R"(The same word stands twice in one list. Remove one.)"},
    {"R008", "not a literal", R"(The key takes `true` or `false`, or a number in a range.)"},
    {"R009", "the file holds no rules", R"(Fill it, or remove it from the pack.)"},
    {"R010", "the rule id is not well formed",
     R"(An id is a name for ever: verdicts, statistics and appeals quote it. It has at least two
parts joined by dots, each of lower-case letters, digits and `_`, the first beginning
with a letter.)"},
    {"R011", "the rule id does not begin with its category",
     R"(The first part of an id is the rule's label or its category, so that whoever reads only
the id knows what the rule is about: `gambling.online_casino` or `rumors.disaster_toll`.)"},
    {"R012", "duplicate rule id",
     R"(An id names one rule in the whole pack, over all of its files. Two rules under one id
could not be told apart in verdicts. To replace a rule, edit it; to add a variant, give
it its own id.)"},
    {"R013", "a label stands in place of a category",
     R"(There are ten categories; three of them have labels. `gambling`, for instance, is a
label of the category `vice_violence`. docs/rules.md lists all.)"},
    {"R014", "the category has no such label",
     R"(Labels belong to one category each. docs/rules.md lists them.)"},
    {"R015", "the label is missing",
     R"(In `vice_violence` and `rights_infringement` every rule bears a label, since policies
and statistics treat gambling and weapons apart. In `other_prohibited` the label is
optional.)"},
    {"R016", "not a language tag", R"(Write BCP 47 tags: `zh`, `zh-Hant`, `en`, `yue`.)"},
    {"R018", "a value is too long",
     R"(Ids have at most 100 characters, reasons 1,000: they are shown in tables and in
messages.)"},
    {"R020", "a condition says nothing, or two things",
     R"(A condition is a mapping with exactly one of `any`, `all`, `not`, `near`, `terms`, `list`
and `regex`. Two of them side by side could mean `any` as well as `all`; write which.)"},
    {"R021", "`not` outside an `all`",
     R"(An absence has no place in a text, so it cannot be what a rule finds. It can restrict
what is found: `all: [{terms: [...]}, {not: {terms: [...]}}]`. `unless` restricts a
whole rule.)"},
    {"R022", "an `all` of absences only",
     R"(An `all` needs at least one condition that must be present; see R021.)"},
    {"R023", "`near` has fewer than two groups",
     R"(`near` relates groups: one occurrence of each must lie close to the others.)"},
    {"R024", "a modifier that has no meaning here",
     R"(`anywhere` and `reversed` belong beside `terms` or `list`, or into a `near`. `within` belongs
beside an `all`, into a `near`, or at the top of `unless`.)"},
    {"R025", "not a distance",
     R"(`within` takes `sentence`, `field`, or a number of characters from 0 to 10,000: the gap
between the nearest ends, counted in the folded text. 0 means that they touch.)"},
    {"R027", "not the path of a list",
     R"(A list is a file whose name ends in `.txt`, in the folder of the rule file or below it:
`list: lists/casinos.txt`. Absolute paths, `..`, `.`, empty parts and backslashes are
refused, so that rules can be moved, packed and shared as one folder.)"},
    {"R028", "there is no such list",
     R"(The path is taken from the folder of the rule file that names it, not from the folder in
which the program runs.)"},
    {"R029", "the list cannot be read",
     R"(It is there, but is no regular file, may not be read, is too large, or is a symbolic link
that leads out of the folder of the rule file.)"},
    {"R030", "tests are missing",
     R"(Every rule carries texts that it must find (`match`) and near ones that it must not
(`no_match`). The latter matter more: news, law, teaching, medicine and counter-speech
about the same subject. A gap that is known is written under `todo_match` or
`todo_no_match`.)"},
    {"R031", "a test on a surface the rule does not look at",
     R"(The rule's `surfaces` do not name the surface of this test, so that it can never match
there.)"},
    {"R032", "a text is to match and not to match",
     R"(The same text (on the same surface) stands under both. One of them is wrong.)"},
    {"R033", "the same test twice", R"(Remove one: it takes time and proves nothing.)"},
    {"R040", "a term holds invisible characters",
     R"(Zero-width characters, direction marks and the like came in by copying, most often. They
are removed from terms as they are from texts; what remains is sought.)"},
    {"R041", "a term begins or ends with a space",
     R"(Terms of letters match at word borders without help. A space in the term must occur in
the text as well, so that the word would be missed at the end of a line or before a
comma.)"},
    {"R042", "terms that are one once normalised",
     R"(Terms go through the same functions as texts: case, width, accents, traditional forms
and look-alike letters are undone in both. Variants need not be written.)"},
    {"R043", "a term of one character matches alone",
     R"(A single character occurs in a great many innocent words. Relate it to others with
`near` or `all`.)"},
    {"R044", "an expression holds what no folded text holds",
     R"(Expressions are tried as written on normalised text: lower case, half width, simplified
characters, no accents. An upper-case or full-width letter in one never matches.)"},
    {"R045", "the reason is given in one language",
     R"(The author of the content is told the reason in the language of the account, `zh` or
`en`.)"},
    {"R060", "the regular expression is not valid",
     R"(Expressions have the syntax that docs/rules.md describes: no look-around, no
back-references, no anchors (texts are searched, not matched whole).)"},
    {"R061", "the regular expression is unbounded",
     R"(`*`, `+` and `{n,}` match any length. Texts of any size are scanned in windows, which is
only exact when no match is longer than a window. Give every repetition a limit:
`{0,20}`.)"},
    {"R062", "the regular expression can match too much",
     R"(A match has at most 1,024 bytes of UTF-8. Lower the limits of its repetitions, or
express the distance between two parts with `near`.)"},
    {"R063", "the regular expression matches everywhere",
     R"(It can match the empty text, so it would be found in every text. Make some part
required.)"},
    {"R064", "a pattern is too large",
     R"(The compiled form would take too much memory or time. Shorten repetitions of large
classes, split alternatives over several expressions, and give a `near` at most eight
groups.)"},
    {"R065", "nothing is left of a term",
     R"(All characters of the term are removed by normalisation: it holds nothing that a reader
sees.)"},
    {"R068", "a term is too long",
     R"(A term has at most 1,024 bytes once normalised. Shorten it to what tells it apart.)"},
    {"R069", "nothing to find by its sound",
     R"(The rule asks for the view `phonetic` or for `pinyin_initials`, and none of its terms has
what is sought there: terms of two ideographs or more for the view, of three or more syllables, all
beginning with a consonant, for initials. Shorter ones sound like half the language. Expressions
are never sought by their sound.)"},
    {"R070", "a term is another, or itself, backwards",
     R"(With `reversed: true` terms are also sought from the last character to the first. A term that
reads the same both ways, or that is another term of the condition backwards, gains nothing by it:
what it is backwards is found as the term that stands there, and not as an evasion. Leave it, or
move it into a condition without `reversed`.)"},
    {"R071", "a regular expression is tried on every text",
     R"(Most expressions are tried only where something stands that each of their matches must
hold: a word, `.top`, a run of eleven digits. Of this one nothing is known, or nothing that
ordinary texts do not hold as well, and it is a match by itself, so that nearly every text pays
for it. Spell out part of it, or relate it to terms with `near`: then it is tried only where
they stand.)"},
    {"R072", "the rule finds ordinary text",
     R"(The rule finds at least one in ten of a few dozen texts as everybody writes them:
orders, messages, notices. It would flag a great part of all that is sent. Ask for more: longer
terms, or others beside them with `near` or `all`.)"},
    {"R073", "hidden by another rule",
     R"(Wherever the term (or the whole rule) is found, a shorter term of another rule is found
as well, in the same views, on the same surfaces, without an `unless`, and that rule has the
same label and decides at least as much. So nothing changes if the term is removed. Either
remove it, or narrow the other rule if it was meant to be narrower.)"},
    {"R074", "a term of Latin letters without borders",
     R"(`anywhere: true` takes the borders of words away, so that `ass` is found in `glass`.
That is for words that stand in names and addresses, are long, and are in no other word. The
caret shows a term that is in an ordinary word, or so short that it is in many.)"},
    {"R075", "an `unless` that can never apply",
     R"(What the `unless` asks for cannot stand where the rule matches: a `not` of the same
rule forbids it there already, or the `unless` holds an `all` that forbids what it asks for.)"},
    {"R076", "a term that is always excused",
     R"(A term of the rule holds one of its own excuses: with `unless: {terms: [customs]}` the
term `safe customs` is never found, as every place of it is excused. Make the excuse longer, so
that it says who speaks (`customs officers`), or remove the term.)"},
    {"R077", "a rule blocks what is for review only",
     R"(Where a category is a legal judgement, the default policy asks a human whatever a rule
asks for: `constitutional_principles`, `international_relations` and `rumors` always;
`national_security` and `illegal_assembly` unless the severity is `critical`, which is for
leaked documents, credentials and calls to violence. So `block` says what does not happen. Who
must block under its own law writes such rules into a layer of its own, where this is not told,
with a policy to match.)"},
    {"R078", "a `not` forbids what its `all` asks for",
     R"(The `all` asks for terms that hold what a `not` beside them forbids, so that it never
holds. `not` is for other words nearby; an innocent longer word belongs into `unless`.)"},

    // ---- Lists of terms ----
    {"L001", "the header of a list is a mapping",
     R"(Between its two lines `---` a list says what holds for all of its terms:

    ---
    anywhere: true
    ---)"},
    {"L002", "unknown key",
     R"(The header of a list has the keys `anywhere`, `reversed` and `views`. Unknown ones are
refused, since a misspelt one would otherwise change the list in silence. What a list is for is
said in comments, lines that begin with `#`.)"},
    {"L004", "a value has the wrong form", R"(`views` is a list of words, the others one word.)"},
    {"L005", "a value is empty",
     R"(A key without a value says nothing. Fill it in or leave it out; a list without a header
is as good.)"},
    {"L006", "unknown value",
     R"(The key takes one of a closed list of words, which the help line names.)"},
    {"L007", "a value is named twice", R"(The same word stands twice in one list. Remove one.)"},
    {"L008", "not a literal", R"(The key takes `true` or `false`.)"},
    {"L010", "the list is too large",
     R"(A list has at most 16 MiB and 500,000 terms. Split it; a rule can name any number of
lists in an `any`.)"},
    {"L011", "a line is not well-formed UTF-8",
     R"(Lists are UTF-8. The caret shows the first byte of the line that belongs to no character.
If all lines are refused, the file was saved as GBK, Big5 or UTF-16. Convert it: `iconv -f
GB18030 -t UTF-8`.)"},
    {"L012", "a control character stands in a term",
     R"(A line holds one term and nothing else. Control characters, NUL and the Unicode line
separators cannot be seen, and a tab most often means that the file is a table of which
only one column holds terms.)"},
    {"L013", "the list begins with a byte order mark",
     R"(It is ignored, but other programs show it or stumble over it. Save the file as UTF-8
without one ("UTF-8", not "UTF-8 with BOM").)"},
    {"L014", "the header has no end",
     R"(A header begins with a line `---` before the first term and ends with another one.)"},
    {"L015", "a line `---` among the terms",
     R"(A header stands before the first term. Elsewhere the line is most probably a mistake; no
text could be told by it.)"},
    {"L016", "the list holds no terms",
     R"(There are only comments and blank lines, or no line without a mistake. Fill the list, or
take it out of the rules.)"},
    {"L018", "no rule names the list",
     R"(The file lies in a folder `lists` beside the rules, but nothing seeks its terms, and it
is not part of the pack. Name it in a rule, or remove it.)"},

    // ---- Layers ----
    {"A001", "a layer is a mapping",
     R"(A layer.yaml makes its folder a layer above the bundled rules:

    layer: operator
    name: ours
    disable: [gambling.online_casino]
    change:
      fraud.part_time_job: {action: block})"},
    {"A002", "unknown key",
     R"(Unknown keys are refused, since a misspelt one would otherwise leave a rule as it is in
silence. The help line names the keys that may stand there.)"},
    {"A003", "a key is missing", R"(A layer needs `layer` and `name`.)"},
    {"A004", "a value has the wrong form",
     R"(`disable` is a list of rule ids, `change` a mapping of rule ids to mappings of what
becomes other.)"},
    {"A005", "a value is empty",
     R"(A key without a value says nothing. Fill it in, or leave the key out.)"},
    {"A006", "unknown value",
     R"(The key takes one of a closed list of words, which the help line names.)"},
    {"A007", "a rule is named twice", R"(The same id stands twice in `disable`. Remove one.)"},
    {"A010", "the layer's name is not well formed",
     R"(The name of a tenant's layer is the tenant's id, as requests give it in
`tenants/{tenant}`; that of an operator's layer has the same form. Verdicts quote it.)"},
    {"A011", "a layer is given twice",
     R"(A tenant has one layer, so that nothing depends on the order in which files are read. An
operator may have several, each under a name of its own.)"},
    {"A012", "a layer lies within another",
     R"(Every rule file beneath a layer.yaml belongs to its layer, so a second one beneath it
would leave open whose the files are.)"},
    {"A013", "no such rule",
     R"(The layer disables or changes a rule that none of the files given defines. Either the id
is misspelt, or the rule is gone from the layers below, in which case remove the line; or
only the layer was given: `winnow rules check rules my-layer` reads both.)"},
    {"A014", "a layer speaks of its own rule",
     R"(`disable` and `change` are for rules that the layer cannot edit. Edit or remove the rule
itself.)"},
    {"A015", "the rule does not lie below the layer",
     R"(An operator's layer speaks of bundled rules, a tenant's of bundled ones and of the
operator's. No layer speaks of the rules of another one of its kind.)"},
    {"A016", "the rule is disabled below",
     R"(What an operator's layer disables is not compiled and in no pack, so that a tenant's
layer can neither disable it again nor change it. To have it for one tenant only, let the
operator's layer leave it alone and the layers of the other tenants disable it.)"},
    {"A017", "a rule is disabled and changed",
     R"(A disabled rule finds nothing, so that nothing of it can be changed. Keep one of the two.)"},
    {"A018", "a change says nothing",
     R"(A change names what becomes other: `action`, `severity`, `status`, or several of them.)"},
    {"A019", "a change changes nothing",
     R"(The rule has all that the change asks for already; perhaps the layer below has learnt of
it. Remove the change, or it will hold the rule there when the layer below moves on.)"},
    {"A020", "two layers of the operator speak of one rule",
     R"(What holds would depend on their order, which nothing gives. Let one of them speak of the
rule.)"},
    {"A021", "the id of a rule of another layer",
     R"(An id names one rule in the whole pack: verdicts and statistics quote it. A layer does
not replace a rule under its id: disable that one and give your own another id, or change
its action. Rules of tenants are told apart by the tenant's name in their ids.)"},
    {"A022", "a layer does nothing",
     R"(It has no rules, disables none and changes none. Its files may lie elsewhere.)"},

    // ---- Policies ----
    {"P001", "a policy is a mapping",
     R"(The file has the keys `id`, `entries` and, optionally, `on_incomplete`; see
docs/policy.md.)"},
    {"P002", "unknown key",
     R"(Unknown keys are refused, since a misspelt condition would otherwise apply to
everything.)"},
    {"P003", "a key is missing", R"(A policy needs `id` and `entries`.)"},
    {"P004", "a value has the wrong form",
     R"(A text stands where a list or a mapping belongs, or the other way round.)"},
    {"P005", "a value is empty",
     R"(A key without a value or an empty list says nothing. Fill it in or leave the key out.)"},
    {"P006", "unknown value",
     R"(The key takes one of a closed list of words, which the help line names.)"},
    {"P007", "a value is named twice", R"(The same word stands twice in one list. Remove one.)"},
    {"P010", "the policy id is not well formed",
     R"(An id has at most 64 lower-case letters, digits, `_` and `-`, a letter first. Verdicts
quote it as policies/{id}/revisions/{digest}.)"},
    {"P011", "a reserved key",
     R"(`strikes`, `retention`, `ladder` and `review` will say what else follows from a
decision. This version does none of it, so it refuses the key rather than ignoring it.)"},
    {"P012", "an entry decides nothing, or twice",
     R"(An entry has either a `decision` (`allow`, `review`, `block`, `as_rule`), or bounds for
what the rule asks: `at_least`, `at_most` or both.)"},
    {"P013", "bounds that cross",
     R"(`at_least` is stricter than `at_most`, so that no decision satisfies both. The order is
`allow`, `review`, `block`.)"},
    {"P014", "a label of another category",
     R"(The entry names categories and a label that none of them has, so it would never apply.)"},
    {"P015", "severities given twice",
     R"(`severity` lists severities, `severity_at_least` gives the lowest. Use one of them.)"},
    {"P016", "too many entries",
     R"(At most 1,000 entries are read. One entry can name several tenants, regions or labels.)"},
    {"P017", "an entry is never reached",
     R"(The first entry that fits decides. An earlier one fits whatever this one does. Put the
special case before the general one.)"},
    {"P018", "unchecked content passes",
     R"(`on_incomplete: allow` lets content through that could not be checked: a damaged file,
an unread format, a limit reached. That is an open door for whoever knows it.)"},
    {"P019", "a region or tenant name is not well formed",
     R"(Regions are lower-case words such as `mainland` and `overseas`. Names have at most 200
bytes.)"},

    // ---- the tests that rules carry ----
    {"T001", "a test does not hold",
     R"(A rule missed a text under `match`, or found one under `no_match`; or a text under
`todo_match` or `todo_no_match` holds now and belongs among the others. `winnow rules test
--rule ID` runs the tests of one rule.)"},
    {"T002", "a test is found by another rule only",
     R"(In a check the text would be found, so that the rule seems to work; but it is another
rule that finds it. Change this rule until it finds the text by itself, or give it a test of
its own.)"},
    {"T003", "a `no_match` test that proves nothing",
     R"(Nothing stands in the text that the rule looks for, not even two ideographs or a word
of one of its terms. So it would hold whatever the rule did. A `no_match` test is worth most
where it comes near: the same words in news, law, teaching, medicine or ordinary business.)"},
    {"T004", "no test shows what an `unless` is for",
     R"(Nothing that the rule's `unless` looks for stands in any of its `no_match` tests, so
that nobody would notice if it were gone. Add a text that the rule would find without it.)"},

    // ---- winnowd's configuration ----
    {"C001", "there is no such setting",
     R"(The file, a WINNOW_ variable or a flag names a setting that does not exist; most often
it is misspelt or stands in the wrong section. Unknown settings are refused rather than
ignored.)"},
    {"C002", "a setting has the wrong form",
     R"(A section needs a mapping of settings, a setting one value. An empty text is written
`""`.)"},
    {"C003", "the value is not of the setting's type",
     R"(Types are text, path, `true` or `false`, whole numbers, sizes such as `64MiB`, durations
such as `10s`, and closed lists of words.)"},
    {"C004", "the value is out of bounds",
     R"(The message names the least and the greatest value.)"},
    {"C005", "settings that contradict each other",
     R"(Each value is possible, but not together: a limit that does not fit into another, a
certificate without its key.)"},
};

}  // namespace

const std::vector<DiagnosticCode>& AllDiagnosticCodes() {
  static const auto& codes = *new std::vector<DiagnosticCode>(std::begin(kCodes), std::end(kCodes));
  return codes;
}

}  // namespace winnow::rules

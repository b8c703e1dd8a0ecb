//! Expressions mean what they mean in Python: each is evaluated here and by a real `python3`.

use akrida_scenario::expr::{Frame, Value, parse_expression};
use akrida_scenario::model::Slot;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Names that the expressions may use, with their values in Python.
pub(crate) const VARIABLES: [(&str, &str); 9] = [
    ("zero", "0"),
    ("one", "1"),
    ("big", "9007199254740993"),
    ("half", "0.5"),
    ("word", "'héllo Wörld'"),
    ("items", "[1, 'two', 3.0, None, [True]]"),
    ("data", "{'token': 'abc', 'n': 7, 'nested': {'list': [1, 2, 3]}}"),
    ("nothing", "None"),
    ("empty", "''"),
];

#[rustfmt::skip]
pub(crate) const EXPRESSIONS: &[&str] = &[
    // Literals.
    "1", "-1", "0x1f", "1_000", "1.5", "1e3", "1e16", "1e15", "123456789012345678.0", "1e-4", "1e-5",
    "1.5e-7", "1e22", "1e300", "0.1 + 0.2", "-0.0", "100.0", "True", "None", "'text'", "'it\\'s'",
    "'say \"hi\"'", "'both \\' and \"'", "'tab\\tnew\\nline\\\\'", "'é ß 漢 😀'",
    "'\\x00\\x7f\\xa0\\u200b\\u0301'", "'a' \"b\" 'c'", "[]", "[1, [2, 'x'], {}]", "{}",
    "{'a': 1, 'b': [1.0, None, True]}", "{'a': 1, 'b': 2, 'a': 3}", "r'raw\\n'", "-9223372036854775808",
    "9223372036854775807",
    // Arithmetic.
    "1 + 2", "one + half", "True + True", "7 // 2", "-7 // 2", "7 // -2", "-7 // -2", "7 % 3", "-7 % 3",
    "7 % -3", "-7 % -3", "7.5 // 2", "-7.5 // 2", "7.5 % 2", "-7.5 % 2", "7.5 % -2", "-1.0 // float('inf')",
    "-1.0 % float('inf')", "1.0 // 0.1", "1.0 % 0.1", "-0.0 // 1", "0.0 % -1.0", "7 / 2", "6 / 2",
    "big / 3", "big / 1", "9223372036854775807 / 9007199254740993", "1 / 9223372036854775807", "-big / 7",
    "2 * 3.0", "1 - 5", "+True", "-half", "not zero", "not 'x'", "-(-5)", "1 + 2 * 3 - 4 / 2",
    "(1 + 2) * 3", "'ab' + 'cd'", "'ab' * 3", "3 * 'ab'", "'ab' * -1", "'ab' * True", "[1] + [2]",
    "[1, 2] * 2", "2 * [0]", "[] * 5",
    // Comparison.
    "1 < 2 < 3", "1 < 3 < 2", "1 == 1.0 == True", "1 != 2", "big == 9007199254740992.0",
    "big > 9007199254740992.0", "9223372036854775807 < 9223372036854775808.0",
    "-9223372036854775808 >= -9223372036854775808.0", "1 < half", "-1 < -0.5", "-2 < -1.5", "2 < 1.5",
    "float('nan') == float('nan')", "1 < float('nan')", "float('inf') > 1", "'a' < 'b'", "'Z' < 'a'",
    "'a' < 'aa'", "'é' > 'z'", "[1, 2] < [1, 3]", "[1] < [1, 0]", "[1, 2] == [1.0, 2]",
    "{'a': 1, 'b': 2} == {'b': 2.0, 'a': True}", "{'a': 1} == {'a': 2}", "{'a': 1} == {'b': 1}", "[1] == 1",
    "None == None", "None == False", "'1' == 1", "'b' in 'abc'", "'' in 'abc'", "'x' not in 'abc'",
    "2 in [1, 2.0]", "None in items", "[True] in items", "'n' in data", "'x' in data", "1 in data",
    "nothing is None", "one is not None", "(1 == 1) is True", "zero is False",
    // Boolean and conditional.
    "1 and 2", "0 and 2", "0 or 'x'", "'' or [] or None", "1 and '' and 2", "not (1 and 0)",
    "'yes' if one else 'no'", "'yes' if zero else 'no' if empty else 'maybe'", "one or one / zero",
    // Values put into text.
    "'%s and %s' % (one, word)", "'%d%%' % 3.9", "'%5d|%-5d|%05d|%+d' % (1, 2, 3, 4)", "'%.2f %8.3f %e' % (half, half, half)",
    "'%r %10s|%-10s|%.2s' % (word, 'a', 'b', 'cde')", "'%x %X %#x %o' % (255, 255, 255, 8)", "'%(token)s-%(n)03d' % data",
    "'%s' % word", "'%s' % one", "'%d' % word", "'%.1f' % word", "'{} {}'.format(one, word)",
    "'{1} {0} {1}'.format(one, word)", "'{a:>5}|{b!r}|{{}}'.format(a=one, b=word)", "'{0[token]} {0[n]:05d}'.format(data)",
    "'{:,.2f} {:%}'.format(12345.678, 0.5)", "'{}'.format(items)",
    // Items.
    "items[0]", "items[-1][0]", "word[1]", "word[-5]", "data['token']", "data['nested']['list'][-1]",
    "[10, 20][True]",
    // Functions.
    "str(1)", "str(1.0)", "str(None)", "str([1, 'a'])", "str()", "str('x')", "int('42')", "int(' -4_2\\n')",
    "int(3.99)", "int(-3.99)", "int(True)", "int()", "float('1.5')", "float(' 1e3 ')", "float('-inf')",
    "float('1_0.5')", "float(3)", "bool([])", "bool('0')", "bool()", "len('héllo')", "len([1, 2])",
    "len({})", "len(data)", "repr('x')", "repr(repr('x'))", "len(range(5))",
    // Methods of text.
    "word.upper()", "word.lower()", "'straße'.upper()", "'  x \\t'.strip()", "'xxaxx'.strip('x')",
    "'xxaxx'.lstrip('x')", "'xxaxx'.rstrip('x')", "'abcba'.strip('ab')", "word.startswith('hé')",
    "word.endswith('x')", "word.startswith(('x', 'h'))", "'aaa'.replace('a', 'b')",
    "'aaa'.replace('a', 'b', 2)", "'ab'.replace('', '-')", "'a,b,,c'.split(',')", "' a  b c '.split()",
    "' a  b c '.split(None, 1)", "'a,b,c'.split(',', 1)", "'a,b,c'.split(maxsplit=0, sep=',')",
    "''.split()", "''.split(',')", "','.join(['a', 'b'])", "''.join([])", "'-'.join('abc')",
    "word.find('o')", "word.find('x')", "'a b'.split()[1].upper()",
    // Methods of dicts.
    "data.get('token')", "data.get('x')", "data.get('x', 5)", "data.get('n', 5) + 1",
    // f-strings.
    "f'{one}'", "f'a{one}b{half}c'", "f'{word!r}'", "f'{word!s}'", "f'{{{one}}}'", "f'{items}'",
    "f'{data[\"n\"]}'", "f'{one:5}|'", "f'{word:>15}|'", "f'{word:<15}|'", "f'{word:^15}|'",
    "f'{word:*^15.3}|'", "f'{7:05d}'", "f'{-7:05d}'", "f'{7:+d}'", "f'{7: d}'", "f'{3.14159:.2f}'",
    "f'{3.14159:8.2f}|'", "f'{2.5:.0f}'", "f'{3.5:.0f}'", "f'{1234567:,}'", "f'{1234567.891:,.2f}'",
    "f'{-1234567:_}'", "f'{255:x}'", "f'{255:X}'", "f'{0.256:.1%}'", "f'{5:.1f}'", "f'{True:d}'",
    "f'{one:<5}|'", "f'{one:=5}|'", "f'{1.0}'", "f'{1e20}'", "f'{half:8}|'", "f'{word:05}'",
    "f'{empty:3}|'", "f'{-1.5:08.2f}'", "f'a' 'b' f'{one}'", "f'{-0.0:.1f}'",
    // JSON.
    "json.dumps({'a': [1, 2.5, None, True], 'é\\n\"': '😀\\x7f/'})", "json.dumps([])", "json.dumps({})",
    "json.dumps(1e16)", "json.dumps(float('inf'))", "json.loads('{\"a\": [1, 2.5, null, true, \"x\"]}')",
    "json.loads('1e2')", "json.loads('\"\\\\u00e9\"')",
    // Arithmetic beyond the basics.
    "2 ** 10", "2 ** -1", "2.0 ** 3", "2 ** 0.5", "0 ** 0", "(-1) ** 5", "0 ** 7", "1 ** 100000", "-2 ** 2",
    "(-2) ** 63", "half ** 2", "5 & 3", "5 | 3", "5 ^ 3", "~5", "~True", "True & False", "True | False",
    "True ^ True", "True & 1", "1 << 10", "1 << 62", "-1 << 63", "0 << 99", "1024 >> 3", "-1 >> 99", "-5 >> 1",
    "{'a': 1, 'b': 2} | {'b': 3, 'c': 4}",
    // Slices.
    "word[1:4]", "word[:3]", "word[3:]", "word[:]", "word[-3:]", "word[:-3]", "word[::2]", "word[::-1]",
    "word[8:2:-2]", "word[100:]", "word[-100:3]", "word[5:2]", "items[1:3]", "items[::-1]", "items[::3]",
    "items[-2:]", "items[3:0:-1]", "items[None:2]", "items[9223372036854775807:]", "items[::9223372036854775807]",
    "items[::-9223372036854775808]", "b'abcdef'[1:3]", "b'abcdef'[::-1]", "[1, 2, 3][True:]", "word[4:1:-1]",
    // Comprehensions.
    "[x * 2 for x in range(4)]", "[x for x in items if x]", "[x for x in word]", "[k for k in data]",
    "[[k, str(v)] for k, v in data.items()]",
    "{k: v for k, v in [('a', 1), ('b', 2)]}", "{x: x.upper() for x in 'abca'}", "[x + y for x in 'ab' for y in 'cd']",
    "[x for x in range(20) if x % 2 if x % 3]", "[[y for y in range(x)] for x in range(4)]",
    "[x for x in range(3) for x in range(x)]", "[one for one in range(3)] + [one]",
    "[a + b for a, (b, c) in [(1, (2, 3))]]", "[x for x in [x for x in range(3)]]",
    "[x + one for x in range(3) if x > zero]", "sum(x for x in range(5))", "sum([1.5, 2])", "sum([[1], [2]], [])",
    "any(x > 3 for x in range(5))", "any(x > 9 for x in range(5))", "all(x < 5 for x in range(5))",
    "all(x for x in [])", "any(1 / x for x in [1, 0])", "all(x for x in [0, 1 / one])", "any([])", "all([0])",
    "min(x * x for x in range(-3, 4))", "max(x * x for x in range(-3, 4))", "','.join(str(x) for x in range(3))",
    "next(x for x in range(5) if x > 2)", "next((x for x in range(5) if x > 9), None)",
    "next((x for x in range(5) if x > 9), one)", "list(x for x in 'ab')", "dict((x, 1) for x in 'ab')",
    "sorted(x % 3 for x in range(7))", "len({x % 3 for x in range(7)})", "len({1, 1.0, True, 'a'})",
    "[x for x in range(3) if any(y == x for y in [1, 2])]", "list(map(str, [1, 2]))", "list(map(lambda x: x * 2, [1, 2]))",
    "list(filter(None, [0, 1, '', 'a']))", "list(filter(lambda x: x > 1, [1, 2, 3]))", "list(map(str.upper, ['a']))",
    "[f'{i}:{c}' for i, c in enumerate(word[:3], 1)]", "[len(x) for x in [word, 'ab']]",
    "[(lambda_ + 1) for lambda_ in range(2)]", "[json for json in [1]]", "[*range(3), 9, *'ab']", "{**data, 'n': 8}['n']",
    "{'a': 1, **{'a': 2, 'b': 3}, 'b': 4}", "[*items]", "dict(a=1, b=word)", "dict({'x': 1})", "dict([('a', 1)])",
    "[x for x in [y for y in items]]", "[x for x in [x for x in items if x] if x != one]",
    "[a + b for a in [c for c in word] for b in [a + c for c in word[:2]]][:5]",
    "list(map(str, [x for x in items]))", "sorted([x for x in word], key=lambda x: max(y for y in [x, 'l']))",
    "{a: [b for b in range(one + one) if any(c == a for c in [d for d in word])] for a in [e for e in 'hx' if one]}",
    "next((x for x in [y for y in items if zero]), [x for x in items][0])",
    "sum(x * y for x in [z for z in range(one + 3)] for y in [z for z in range(x)])",
    "[[x, [x for x in [x for x in word[:1]]]] for x in [one]]",
    // Functions of lists and numbers.
    "list(enumerate('ab')) == [[0, 'a'], [1, 'b']] or [list(p) for p in enumerate('ab')] == [[0, 'a'], [1, 'b']]",
    "[list(p) for p in zip([1, 2, 3], 'ab')]", "list(zip())", "list(reversed([1, 2, 3]))", "''.join(reversed('abc'))",
    "sorted([3, 1, 2])", "sorted([3, 1, 2], reverse=True)", "sorted('hello')", "sorted(data)", "sorted([[2, 'a'], [1, 'b']])",
    "sorted(['b', 'A', 'c'], key=str.lower)", "sorted(['bbb', 'a', 'cc'], key=len, reverse=True)",
    "sorted([1, 2, 3, 4], key=lambda x: x % 2)", "sorted([1, 2, 3, 4], key=lambda x: x % 2, reverse=True)",
    "sorted([True, 0.5, -1])", "min(3, 1, 2)", "max([3, 1, 2])", "max('abc')", "min([], default=5)", "max(1, 1.0)",
    "min(['bb', 'a'], key=len)", "max('bb', 'a', key=len)", "min([], key=len, default='x')", "abs(-5)", "abs(-2.5)",
    "round(2.5)", "round(3.5)", "round(-2.5)", "round(2.675, 2)", "round(1234.5678, 2)", "round(1234.5678, -2)",
    "round(1250, -2)", "round(1350, -2)", "round(-1250, -2)", "round(5, 2)", "round(0.5)", "round(1e300, 2)", "round(1e-7, 3)",
    "round(2.5, None)", "round(True)", "round(123456789.987654321, 4)", "list(divmod(-7, 2))", "list(divmod(7.5, 2))", "pow(2, 5)",
    "chr(233)", "ord('é')", "hex(255)", "hex(-255)", "oct(8)", "bin(5)", "int('ff', 16)", "int('0xff', 16)", "int('0b11', 0)",
    "int('-0o17', 0)", "int('z', 36)", "int('1_000', 10)", "isinstance(one, int)", "isinstance(True, int)",
    "isinstance(word, (int, str))", "isinstance(items, dict)", "isinstance(half, float)", "format(3.14159, '.2f')",
    "format('a')", "format(1)", "list('abc')", "list(data)", "list(range(5, 0, -2))", "tuple([1])[0]", "sum(range(101))",
    "math.floor(-2.5)", "math.ceil(2.1)", "math.trunc(-2.9)", "math.sqrt(2)", "math.pi", "math.e", "math.log(8, 2)",
    "math.log(10)", "math.log10(1000)", "math.log2(8)", "math.exp(1)", "math.isnan(math.nan)", "math.isfinite(math.inf)",
    // Text.
    "word.title()", "\"they're bill's\".title()", "'straße ﬁn'.title()", "word.capitalize()", "'ßx'.capitalize()",
    "word.swapcase()", "'42'.zfill(5)", "'-42'.zfill(5)", "'+42'.zfill(2)", "'ab'.ljust(5, '*')", "'ab'.rjust(5)", "'ab'.center(5, '*')",
    "'abc'.center(6, '*')", "'ab'.center(7, '*')", "'abc'.center(8, '*')", "'é'.center(4, 'ß')", "word.count('l')", "'aaa'.count('aa')",
    "'abc'.count('')", "word.index('W')", "word.rfind('l')", "word.find('l', 4)", "word.find('l', 0, 3)", "word.find('', 99)",
    "word.find('', 11)", "word.find('o', -3)", "'abc'.find('b', None, None)", "word.rfind('l', 0, 5)",
    "'a.b.c'.rsplit('.', 1)", "'a b  c '.rsplit(None, 1)", "' a b  c '.rsplit()", "'a.b.c'.rsplit('.')", "'a b c'.rsplit(maxsplit=0)",
    "'a\\nb\\r\\nc\\x0bd\\x85e\\u2028'.splitlines()", "'a\\n\\nb\\n'.splitlines()", "'a\\nb\\r\\n'.splitlines(True)", "''.splitlines()",
    "list('k=v=w'.partition('='))", "list('k=v=w'.rpartition('='))", "list('kv'.partition('='))", "list('kv'.rpartition('='))",
    "'123'.isdigit()", "''.isdigit()", "'12a'.isdigit()", "'abc'.isalpha()", "'é'.isalpha()", "'ab1'.isalnum()", "'a b'.isalnum()",
    "' \\t'.isspace()", "'ab'.islower()", "'a1'.islower()", "'1'.islower()", "'AB'.isupper()", "'aB'.isupper()", "'é'.isascii()",
    "'12'.isdecimal()", "'12'.isnumeric()", "'prefix-x'.removeprefix('prefix-')", "'x.py'.removesuffix('.py')", "'x'.removesuffix('')",
    "'ABC'.casefold()", "[1, 2, 1].count(1)", "[1, 2, 1].index(1, 1)", "[1, 2].copy()", "[[k, v] for k, v in data.items()][1]",
    "data.copy() == data", "list(data.keys())", "list(data.values())[:2]", "[list(p) for p in {'a': 1}.items()]", "'σΣ'.lower()",
    // Sets.
    "{1, 2} == {2, 1}", "set(word) != {1}", "sorted({1, 2} | {3})", "sorted({1, 2} & {2, 3})", "sorted({1, 2} - {2, 3})", "sorted({1, 2} ^ {2, 3})",
    "{1} <= {1, 2}", "set(word) <= set('hello world')", "data.keys() == data.keys()", "sorted(data.keys() - {'missing'}) == sorted(data)",
    // Bytes.
    "b'abc'", "b'\\x00\\xff\\n\\''", "b'\"' b\"'\"", "'héllo'.encode()", "'héllo'.encode('latin-1')", "'héllo'.encode('ascii', 'ignore')",
    "'héllo'.encode('ascii', 'replace')", "'héllo'.encode().decode()", "b'h\\xe9'.decode('latin1')", "b'h\\xe9'.decode('utf-8', 'replace')",
    "b'h\\xe9x'.decode(errors='ignore')", "b'abc'.hex()", "b'abc'[0]", "b'abc'[-1]", "b'ab' + b'cd'", "b'ab' * 2", "b'b' in b'abc'",
    "98 in b'abc'", "b'a' < b'b'", "b'a' == 'a'", "len(b'abc')", "list(b'ab')", "bytes([1, 2])", "bytes(3)", "bytes('é', 'utf-8')", "bool(b'')",
    "str(b'a')", "f'{b\"a\"}'", "ord(b'a')", "{b'a', b'a'} == {b'a'}",
    // Format specifications.
    "f'{1234.5:e}'", "f'{1234.5:.2E}'", "f'{0.00001234:g}'", "f'{1234567.0:g}'", "f'{100000.0:g}'", "f'{1e10:g}'", "f'{0.1:.3g}'",
    "f'{1e-10:G}'", "f'{12345.678:.3}'", "f'{100.0:.3}'", "f'{100.0:.4}'", "f'{0.00001:.3}'", "f'{1e16:.20}'", "f'{5:b}'", "f'{255:o}'",
    "f'{255:#x}'", "f'{255:#X}'", "f'{5:#b}'", "f'{8:#o}'", "f'{255:#06x}'", "f'{97:c}'", "f'{1234567:_}'", "f'{1234567890:_x}'",
    "f'{255:_b}'", "f'{1234:010,}'", "f'{1234:09,}'", "f'{1234:08,}'", "f'{-1234:010,}'", "f'{1234.5:012,.2f}'", "f'{1234567.891:_.1f}'", "f'{0:e}'",
    "f'{5:e}'", "f'{5:g}'", "f'{float(\"inf\"):08}'", "f'{float(\"nan\"):.1f}'", "f'{-float(\"inf\"):E}'", "f'{one:{3}}'", "f'{word:>{10 + 5}}'",
    "f'{half:.{one}f}'", "f'{word:{\"*\"}^{15}}'", "f'{True}'", "f'{True:}'", "f'{nothing:}'", "f'{1e100:.0f}'", "f'{123456789:,d}'", "f'{12:+,}'",
    "f'{1.5:+}'", "f'{1.5: }'", "f'{-0.0}'", "f'{0.0:g}'", "f'{3:<5}|{3:^5}|{3:>5}|{3:=+5}'", "format(255, 'x')", "f'{1e22:.3f}'",
    // Modules.
    "string.ascii_letters", "string.digits", "string.ascii_lowercase + string.ascii_uppercase", "string.hexdigits", "string.octdigits",
    "string.punctuation", "string.whitespace", "hashlib.md5(b'abc').hexdigest()", "hashlib.sha1(b'abc').hexdigest()", "hashlib.sha224(b'').hexdigest()",
    "hashlib.sha256(word.encode()).hexdigest()", "hashlib.sha384(b'abc').hexdigest()", "hashlib.sha512(b'abc').digest()", "hashlib.md5().hexdigest()",
    "hmac.new(b'key', b'message', 'sha256').hexdigest()", "hmac.new(b'k' * 200, word.encode(), digestmod='md5').hexdigest()",
    "hmac.new(b'k', None, 'sha1').digest()", "hmac.new(b'key', b'x', 'sha512').hexdigest()", "base64.b64encode(b'abcd').decode()", "base64.b64encode(b'')",
    "base64.b64decode('YWJjZA==')", "base64.b64decode(b'YWJj\\nZA==')", "base64.urlsafe_b64encode(b'\\xfb\\xff')", "base64.urlsafe_b64decode('-_8=')",
    "base64.b64encode(('user' + ':' + 'pässword').encode()).decode('ascii')", "urllib.parse.quote('a b/ü?&=~')", "urllib.parse.quote('a/b', safe='')",
    "urllib.parse.quote_plus('a b/ü')", "urllib.parse.unquote('a%20b%2F%C3%BC%zz%')", "urllib.parse.unquote_plus('a+b%2B')", "urllib.parse.quote(b'\\xff')",
    "urllib.parse.unquote('%ff')", "urllib.parse.urlencode({'a': 1, 'b': 'x y', 'ü': None})", "urllib.parse.urlencode([('a', 1), ('a', 2)])",
    "urllib.parse.urlencode({'a': [1, 2]}, doseq=True)", "urllib.parse.urlencode({'a': [1, 2]})", "json.dumps({'b': 1, 'a': [1, {}]}, indent=2)",
    "json.dumps({'b': 1, 'a': []}, sort_keys=True, separators=(',', ':'))", "json.dumps('é\\n\\x7f', ensure_ascii=False)", "json.dumps([1, [2]], indent=1)",
    "json.loads(b'[1]')", "json.dumps({}, indent=2)", "re.search('l+', word).group()", "re.search('(?P<a>h)(x)?', word).group('a')",
    "re.search(r'(\\w+) (\\w+)', word).group(2)", "list(re.search('(h)(x)?', word).groups())", "list(re.search('(h)(x)?', word).groups(''))",
    "re.search('x', word)", "re.search(r'(\\w+) (\\w+)', word)[1]", "re.match('W', word)", "re.match('h', word).start()", "re.search('W', word).end()",
    "re.fullmatch('h.*', word) is not None", "re.fullmatch('h', word)", "re.findall(r'\\w', 'a b')", "[list(x) for x in re.findall(r'(\\w)=(\\d)', 'a=1, b=2')]",
    "re.findall('(x)?a', 'xaa')", "re.findall('x*', 'axb')", "re.sub('l', 'L', word)", "re.sub('(l)(l)', r'\\2-\\g<1>', word, 1)", "re.sub('(?P<x>h)', r'[\\g<x>]', word)",
    "re.sub('x*', '-', 'abxd')", "re.split('[, ]+', 'a, b c')", "re.split('([, ])', 'a,b c')", "re.split(',', 'a,b,c', 1)", "bool(re.search('h', word))",
    "datetime.datetime.fromtimestamp(0, datetime.timezone.utc).isoformat()", "datetime.datetime.fromisoformat('2024-02-28T10:20:30.123456').isoformat()",
    "str(datetime.datetime.fromisoformat('2024-02-28') + datetime.timedelta(days=2, hours=-1))", "datetime.datetime.fromisoformat('2024-02-28T10:20:30')",
    "datetime.datetime.fromisoformat('2024-02-28T10:20:30.5+00:00')", "datetime.datetime.fromisoformat('2024-02-28').strftime('%d.%m.%Y %H:%M:%S.%f %j %a %B %% %p %I %-d')",
    "f\"{datetime.datetime.fromisoformat('2024-02-28'):%Y/%m/%d}\"", "datetime.datetime.fromtimestamp(1700000000.25, datetime.timezone.utc).timestamp()",
    "datetime.datetime.fromisoformat('2024-03-01') - datetime.datetime.fromisoformat('2024-02-01T12:00:00')", "str(datetime.timedelta(days=-1, seconds=5))",
    "datetime.timedelta(hours=1.5).total_seconds()", "str(datetime.timedelta(milliseconds=1500))", "datetime.timedelta(weeks=1, microseconds=1)", "datetime.timedelta()",
    "datetime.datetime.fromisoformat('2024-03-01').weekday()", "datetime.datetime.fromisoformat('2024-03-01T01:02:03').hour", "datetime.datetime.fromisoformat('2024-03-01').year",
    "datetime.datetime.fromisoformat('2024-03-01') < datetime.datetime.fromisoformat('2024-03-02')", "datetime.timedelta(1) == datetime.timedelta(hours=24)",
    "datetime.datetime.fromisoformat('2024-03-01T01:02:03.4').isoformat(' ', 'seconds')", "datetime.datetime.fromisoformat('2024-03-01T01:02:03.456').isoformat(timespec='milliseconds')",
    "datetime.datetime.fromisoformat('2024-03-01T01:02').isoformat('T', 'minutes')", "datetime.datetime.fromisoformat('2024-03-01').strftime('%c|%x|%X|%U|%W|%y|%e|%F|%T')",
    // What raises.
    "2 ** 0.5 ** -1 ** 0.5 if False else 0.0 ** -1", "1 << -1", "1.5 & 1", "~1.5", "10.0 ** 400", "[x for x in 5]", "[a for a, b in [1]]", "[a for a, b in [[1]]]",
    "[a for a, b in [[1, 2, 3]]]", "next(x for x in [])", "[y for x in [1] for y in y]", "min([])", "max(1, 'a')", "sorted([1, 'a'])", "sum(['a'])", "sum('a')",
    "sum([], 'a')", "round('a')", "abs('a')", "chr(-1)", "chr(1114112)", "ord('ab')", "ord(1)", "hex(1.5)", "int('2', 2)", "int(1, 2)", "int('1', 99)", "int('', 16)",
    "word.index('x')", "[1].index(2)", "word[::0]", "word['a':]", "data[1:]", "nothing[1:]", "'ab'.center(5, 'xx')", "word.partition('')", "'é'.encode('ascii')",
    "b'\\xff'.decode()", "b'\\xc3'.decode()", "b'\\xc3('.decode()", "b'a'.decode('nope')", "b'a' + 'b'", "'b' in b'a'", "300 in b'a'", "b'a'[5]", "b'a'['x']", "hashlib.md5('a')",
    "hmac.new('k', b'', 'md5')", "hmac.new(b'k', b'', 'nope')", "base64.b64encode('a')", "base64.b64decode('a')", "urllib.parse.quote(1)", "urllib.parse.urlencode('a')",
    "json.dumps(b'a')", "math.sqrt(-1)", "math.log(0)", "math.floor('a')", "math.exp(1000)", "re.search('a', 1)", "re.search('(a)', 'a').group(2)", "re.sub('a', r'\\1', 'a')",
    "f'{word:,}'", "f'{1:.2d}'", "f'{1.5:x}'", "f'{word:+}'", "f'{1:,x}'", "f'{one:{word}}'", "f'{b\"a\":5}'", "datetime.datetime.fromisoformat('x')",
    "dict([1])", "dict([[1, 2, 3]])", "{word: 1}[[1]]", "data.get([1])", "enumerate(5)", "list(5)", "list(zip(1))", "bytes('a')", "bytes([300])",
    "datetime.datetime.fromisoformat('2024-03-01') + 1", "datetime.timedelta(days=10**12)", "nothing.group()", "one.hexdigest()", "reversed(5)", "len(5)", "isinstance(1, int) + 'a'",
    "math.log(2, 1)", "word.find(1)", "','.join(5)", "','.join(x for x in [1])", "word.replace(1, 2)", "'a'.zfill('b')", "[1] * 'a'", "word < b'a'", "items.index(99)",
    "one / zero", "one // zero", "one % zero", "half / zero", "half % 0.0", "one + word", "word + one",
    "word - word", "items + one", "nothing + 1", "-word", "one < word", "nothing < 1", "items < one",
    "items[5]", "items[-6]", "word[50]", "items['a']", "word['a']", "data['missing']", "data[1]",
    "nothing[0]", "one[0]", "one in word", "one in zero", "int('x')", "int('1.5')", "int('')",
    "int('1__0')", "int('_1')", "int(None)", "int([])", "float('x')", "float(None)", "int(float('nan'))",
    "int(float('inf'))", "len(one)", "','.join([one])", "word.split('')", "word.get('x')", "data.upper()",
    "nothing.strip()", "one.json()", "json.loads('')", "json.loads('<html>')", "json.loads('{\"a\": }')",
    "json.loads('[1, 2')", "json.loads(one)", "f'{word:d}'", "f'{items:5}'", "f'{half:d}'", "f'{one:s}'",
    "data[items]", "items in data",
];

/// What raises, and is told here in other words than Python's.
const OTHER_WORDS: &[&str] = &[
    "'é'.encode('ascii')",
    "b'\\xff'.decode()",
    "b'\\xc3'.decode()",
    "b'\\xc3('.decode()",
    "base64.b64decode('a')",
    "re.sub('a', r'\\1', 'a')",
    "f'{one:{word}}'",
    "datetime.timedelta(days=10**12)",
    "word.find(1)",
    "word.replace(1, 2)",
    "one // zero",
    "one % zero",
    "half / zero",
    "half % 0.0",
];

/// A driver that prints, for each expression, its value or the name of what it raises.
const DRIVER: &str = r#"
import base64, datetime, hashlib, hmac, json, math, re, string, sys, urllib.parse, warnings
warnings.simplefilter("ignore")
names, sources = json.load(sys.stdin)
scope = dict(globals())
for name, source in names: scope[name] = eval(source)
results = []
for source in sources:
    try: results.append([repr(eval(source, scope)), None])
    except Exception as error: results.append([type(error).__name__, repr(error)])
json.dump(results, sys.stdout)
"#;

/// For each expression its `repr()`, or `None` and the kind and the words of the exception.
pub(crate) fn python(sources: &[String]) -> Vec<Result<String, (String, String)>> {
    let mut child = Command::new("python3")
        .args(["-c", DRIVER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("these tests need python3");
    let input = serde_json::to_vec(&(VARIABLES, sources)).unwrap();
    child.stdin.take().unwrap().write_all(&input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let results: Vec<(String, Option<String>)> = serde_json::from_slice(&output.stdout).unwrap();
    results
        .into_iter()
        .map(|(value, words)| match words {
            None => Ok(value),
            Some(words) => Err((value, words)),
        })
        .collect()
}

/// What `source` gives here: its `repr()`, or the text of the error.
fn ours(source: &str) -> Result<String, String> {
    let slot = |name: &str| {
        VARIABLES.iter().position(|(known, _)| *known == name).map(|index| Slot::Local(index as u16))
    };
    let mut values: Vec<Value> = Vec::new();
    let mut rng = fastrand::Rng::with_seed(1);
    for (_, source) in VARIABLES {
        let expr = parse_expression(source, 0, &mut |_| None).unwrap();
        values.push(expr.constant().unwrap().clone());
    }
    let source = format!("repr({source})");
    let expr = match parse_expression(&source, 0, &mut |name| slot(name)) {
        Ok(expr) => expr,
        Err(problems) => match problems[0].message.strip_prefix("this always fails: ") {
            Some(error) => return Err(error.to_owned()),
            None => return Err(format!("refused: {}", problems[0].message)),
        },
    };
    let mut frame = Frame { local: &mut values, ..Frame::bare(&mut rng) };
    match expr.eval(&mut frame) {
        Ok(value) => Ok(value.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn expressions_give_what_python_gives() {
    let sources: Vec<String> = EXPRESSIONS.iter().map(|source| (*source).to_owned()).collect();
    // Other versions say some of it in other words.
    let same_words = python(&["sys.version_info[:2] == (3, 11)".to_owned()]) == [Ok("True".to_owned())];
    let mut wrong = String::new();
    for (source, expected) in sources.iter().zip(python(&sources)) {
        let same = match (ours(source), &expected) {
            (Ok(value), Ok(expected)) => value == *expected,
            (Err(error), Err((kind, words))) => {
                let other = !same_words || OTHER_WORDS.contains(&source.as_str());
                if other { error.starts_with(&format!("{kind}(")) } else { error == *words }
            }
            _ => false,
        };
        if !same {
            wrong += &format!("{source}\n  here   {:?}\n  python {expected:?}\n", ours(source));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Each pair of random whole numbers under each operator. Where Python's result needs more than 64 bits, ours
/// must say so.
#[test]
fn whole_numbers_behave_as_in_python() {
    let mut rng = fastrand::Rng::with_seed(20);
    let mut number = move || match rng.u8(0..4) {
        0 => rng.i64(-10..10),
        1 => rng.i64(..),
        2 => rng.i64(..) >> rng.u8(0..63),
        _ => [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX, (1 << 53) + 1][rng.usize(0..7)],
    };
    let mut sources = Vec::new();
    for _ in 0..400 {
        let (left, right) = (number(), number());
        for operator in ["+", "-", "*", "/", "//", "%", "<", "=="] {
            sources.push(format!("({left}) {operator} ({right})"));
        }
        sources.push(format!("({left}) < {right}.0"));
        sources.push(format!("float({left})"));
    }
    for (source, expected) in sources.iter().zip(python(&sources)) {
        let expected = match expected {
            Ok(value) if value.parse::<i128>().is_ok_and(|whole| i64::try_from(whole).is_err()) => {
                Err("OverflowError".to_owned())
            }
            Ok(value) => Ok(value),
            Err((kind, _)) => Err(kind),
        };
        let found = ours(source).map_err(|error| error.split('(').next().unwrap_or_default().to_owned());
        assert_eq!(found, expected, "{source}");
    }
}

# --- division and remainder of what is negative
out([-7 // 2, -7 % 3, 7 // -2, 7 % -3, -7.5 // 2, -7.5 % 2, divmod(-7, 2), 7.0 // 2, -1 // 5, 5 % -5])
a, b = -7, 2
out([a // b, a % b, a / b, b / a, a ** b, b ** a, -a ** b])
# --- large numbers
a = 2 ** 62
out([a, a + (a - 1), -a - a])
# --- numbers beyond 64 bits
a = 2 ** 62
out(a * 4)
# --- texts of floats
out([0.1 + 0.2, 1e16, 1e15, 123456789012345680.0, 1e-5, 0.0001, 1.0, -0.0, 5e-324, 1.5e300, 100000.0, 1/3])
for x in [0.1 + 0.2, 1e16, 1e22, 1e-7, 3.0, 2.5]:
    out([str(x), f"{x}", repr(x), f"{x:.3f}", f"{x:g}", "%s" % x])
# --- rounding
out([round(0.5), round(1.5), round(2.5), round(-0.5), round(2.675, 2), round(1234, -2), round(1.005, 2)])
# --- numbers and truth values
out([True + 1, sum([True, True]), 1 == True, 1.0 == 1, True == 1.0, [0, 1][True], "ab"[False]])
out([int(3.9), int(-3.9), int("  7 "), float("1e3"), float(" inf ") > 1, int(True), bool(0.0), bool("0")])
# --- comparisons of what differs
out([1 < 2.5, 2 == 2.0, "a" < "b", [1, 2] < [1, 3], "10" < "9", None == 0, "" == 0, [] == False])
# --- chained comparisons
x = 5
out([1 < x < 10, 10 > x > 6, 1 < x > 2, x == 5 != 6, 0 <= x <= 4])
# --- truth
for value in [0, 1, "", "a", [], [0], {}, {"a": 1}, None, 0.0, " ", "False"]:
    out("yes" if value else "no")
out([0 or "x", "" and "y", 1 and 2, None or [], not "", 0 or 0.0 or None])
# --- texts
s = "Hello"
out([s * 2, s[1], s[-1], s.upper(), s.find("l"), s.replace("l", "L", 1), s.split("l"), "-".join(s), s.center(9, "*")])
out(["%5.1f|%-5s|%05d|%x|%%|%s" % (3.14159, "ab", 42, 255, None)])
out(["{:>5}|{:<5}|{:^5}|{:05.1f}".format("a", "b", "c", 3.14159), "{0}{1}{0}".format(1, 2), "{a[b]}".format(a={"b": 1})])
out([f"{s!r} {s:>8} {3.14159:.2f} {1000000:,} {'x':*^5} {True} {None} {[1, 'a']} {dict(a=1)}"])
out([str(True), str(None), str([1, "a", None, 1.0]), str({"a": [1]}), repr("it's"), repr('a"b'), repr("\n\t\\é")])
# --- nested f-strings (refused)
x = 3
w = 6
out([f"{x:{w}}", f"{x:>{w}}", f"{'a' if x else 'b'}", f"{{}}", f"{x=}", f"{ {'a': 1}['a'] }", f"{x:03}"])
# --- the text of an exception
try:
    {}["a"]
except KeyError as error:
    out([str(error), f"{error}", repr(error)])
try:
    int("x")
except ValueError as error:
    out([str(error), repr(error)])
# --- augmented operators
x = 10
x += 5
x -= 3
x *= 2
x //= 5
x **= 3
x %= 50
x /= 2
out(x)
x = 6
x |= 1
x &= 5
x ^= 2
x <<= 3
x >>= 1
out(x)
# --- shifts and bits
out([1 << 10, -5 >> 1, 5 & 3, 5 | 3, 5 ^ 3, ~5, -1 & 255])
# --- a shift beyond 64 bits
x = 1
out(x << 70)
# --- mixtures of int and float
out([3 / 2, 4 / 2, 3 * 1.0, 7 // 2.0, 2 ** -1, 2 ** 0.5, 10 % 3.5, 1e308 * 10 > 1])
# --- min, max, sum, abs
out([min(3, 1, 2), max([1, 5, 2]), sum([0.1] * 3), sum([]), abs(-3), max("abc"), min([2, 1.0]), max(1, 1.0), max(1.0, 1)])
# --- text by text
out([ord("a"), chr(233), "é".encode().hex(), "ab" < "abc", "B" < "a", "é" > "z"])
# --- int by text
for text in ["1_000", "0x1f", "1.0", "", "+5", "-0"]:
    try:
        out(int(text))
    except ValueError:
        out("no")
# --- float by text
for text in ["1_0.5", ".5", "5.", "1e", "nan", "-inf", "0x1"]:
    try:
        out(str(float(text)))
    except ValueError:
        out("no")
# --- a number that is no number in JSON
x = float("nan")
out(str(x == x))
# --- the largest numbers
out([9223372036854775807, -9223372036854775808])
x = 9223372036854775807
out(x - 1 + 1)
# --- an integer literal beyond 64 bits (refused)
x = 99999999999999999999
out(x)
# --- time goes on
import time

class U(Base):
    def body(self):
        a = time.time()
        b = time.time()
        out(b >= a)
        out(isinstance(a, float))

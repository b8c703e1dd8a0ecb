# --- two names of one list (refused)
a = [1]
b = a
b.append(2)
out(a)
# --- a list in itself through a dict (refused)
a = [1]
d = {"a": a}
a.append(2)
out(d)
# --- a list given to a function that changes it (refused)
def add(items):
    items.append(5)

class U(Base):
    def body(self):
        items = []
        add(items)
        out(items)
# --- a list that a function returns (refused)
class U(Base):
    def get(self):
        return self.items

    def body(self):
        self.items = [1]
        mine = self.get()
        mine.append(2)
        out(self.items)
# --- changes of a list
items = []
items.append(3)
items.append(1)
items.insert(0, 2)
items.extend([9, 8])
items += [7]
out(items)
items.remove(9)
items.reverse()
out(items)
items.sort()
out(items)
items.sort(reverse=True)
out(items)
out(items.pop())
out(items.pop(0))
out(items)
items[0] = 5
items[-1] = 6
del items[1]
out(items)
items.clear()
out(items)
# --- errors of changes (refused)
items = [1]
for k in range(5):
    try:
        if k == 0:
            items.remove(5)
        if k == 1:
            items.pop(7)
        if k == 2:
            items[4] = 1
        if k == 3:
            del items[4]
        if k == 4:
            [].pop()
    except ValueError as error:
        out(str(error))
    except IndexError as error:
        out(str(error))
out(items)
# --- changes of slices (refused)
items = [1, 2, 3, 4]
items[1:3] = [9]
out(items)
# --- delete a slice (refused)
items = [1, 2, 3, 4]
del items[1:3]
out(items)
# --- slices
items = [0, 1, 2, 3, 4, 5]
out([items[::-1], items[4:1:-1], items[-3:], items[:-2], items[::2], items[5:2], items[-1:-4:-2], items[100:]])
text = "abcdef"
out([text[::-1], text[4:1:-1], text[-3:], text[:-2], text[::2]])
# --- unpacking
a, b = 1, 2
a, b = b, a
(c, d), e = [3, 4], 5
[f, g] = "xy"
out([a, b, c, d, e, f, g])
# --- unpacking with a star
a, *b = [1, 2, 3]
*c, d = "xyz"
e, *f, g = [1, 2]
out([a, b, c, d, e, f, g])
# --- targets from left to right
x = [0, 0]
i = 0
i, x[i] = 1, 5
out([i, x])
# --- chains of targets
a = b = [1]
a = a + [2]
out([a, b])
# --- a chain of targets with an item
x = {}
a = x["k"] = 5
out([a, x])
# --- an augmented list is the same list (refused)
a = [1]
b = a
a += [2]
out([a, b])
# --- an augmented attribute is the same list (refused)
class U(Base):
    def body(self):
        self.a = [1]
        self.b = self.a
        self.a += [2]
        out([self.a, self.b])
# --- an augmented list of the class (refused)
class U(Base):
    a = [1]

    def body(self):
        self.a += [2]
        out(self.a)
# --- an augmented parameter is the caller's list (refused)
def f(a):
    a += [2]
    return a

class U(Base):
    def body(self):
        mine = [1]
        f(mine)
        out(mine)
# --- an augmented list of the file in a function (refused)
A = [1]
B = A

def f():
    global A
    A += [2]

class U(Base):
    def body(self):
        f()
        out([A, B])
# --- an augmented list from itself
a = [1]
a += a
out(a)
a *= 2
out(a)
# --- an augmented list with a text
a = [1]
a += "xy"
out(a)
# --- an augmented list with a dict
a = [1]
a += {"k": 1}
out(a)
# --- a plain sum of a list and a text
a = [1]
try:
    a = a + "xy"
except TypeError:
    out("no")
# --- an item augmented
d = {"a": 1}
d["a"] += 5
d["a"] *= 2
out(d)
l = [1, 2]
l[0] -= 3
l[-1] += 10
out(l)
# --- an item augmented whose key is a call
KEYS = []

def key():
    KEYS.append("k")
    return "a"

class U(Base):
    def body(self):
        d = {"a": 1}
        d[key()] += 1
        out([d, KEYS])
# --- the order of key and value
SEEN = []

def note(x):
    SEEN.append(x)
    return x

class U(Base):
    def body(self):
        d = {}
        d[note("k")] = note("v")
        out([d, SEEN])
        d = {note("a"): note("b"), note("c"): note("d")}
        out(SEEN)
# --- dicts keep their order (refused)
d = {"b": 1, "a": 2}
d["c"] = 3
d["b"] = 9
out(list(d.items()))
del d["b"]
d["b"] = 1
out(list(d))
out(d.pop("a"))
out(d.pop("zz", None))
d.update({"x": 1, "c": 2})
out(d)
d.setdefault("y", 5)
out(d)
# --- dicts are equal in any order
out([{"a": 1, "b": 2} == {"b": 2, "a": 1}, [1, 2] == [2, 1]])
# --- keys of a dict that are numbers (refused)
d = {1: "a", 2: "b"}
out(d[1])
# --- pop of a dict without the key
d = {}
try:
    d.pop("x")
except KeyError as error:
    out(str(error))
# --- pop of what is empty
USERS = []

class U(Base):
    def body(self):
        try:
            USERS.pop()
        except IndexError as error:
            out(str(error))
# --- pop of what is shared
USERS = [1, 2, 3]

class U(Base):
    def body(self):
        out([USERS.pop(), USERS.pop(0), len(USERS)])
        out(USERS)
        x = USERS.pop() if USERS else None
        y = USERS.pop() if USERS else None
        out([x, y])
# --- a row of a shared list is changed (refused)
USERS = [{"a": 1}, {"a": 2}]

class U(Base):
    def body(self):
        user = USERS.pop()
        user["a"] = 5
        USERS.append(user)
        out(USERS)
# --- a row of a constant list is changed (refused)
USERS = [{"a": 1}, {"a": 2}]

class U(Base):
    def body(self):
        user = USERS[0]
        user["a"] = 5
        out(USERS)
# --- a loop variable is changed (refused)
rows = [{"a": 1}]
for row in rows:
    row["a"] = 2
out(rows)
# --- a copy is changed
row = {"a": [1]}
mine = dict(row)
mine["a"] = 2
out([row, mine])
# --- a shallow copy shares what is within (refused)
row = {"a": [1]}
mine = dict(row)
mine["a"].append(2)
out([row, mine])
# --- sorting is stable
rows = [{"n": 2, "i": 0}, {"n": 1, "i": 1}, {"n": 2, "i": 2}, {"n": 1, "i": 3}]
out(sorted(rows, key=lambda row: row["n"]))
out(sorted(rows, key=lambda row: row["n"], reverse=True))
out(sorted(["b", "A", "a"], key=str.lower))
out(sorted([[2, 1], [1, 5], [1, 2]]))
out(max(rows, key=lambda row: row["n"]))
out(min(rows, key=lambda row: row["n"]))
# --- a key that reads a variable
order = {"a": 2, "b": 1}
out(sorted(["a", "b"], key=lambda name: order[name]))
# --- sort with a key (refused)
rows = ["ccc", "a", "bb"]
rows.sort(key=len)
out(rows)
# --- copies are new
a = [1, 2]
b = a.copy()
b.append(3)
c = list(a)
c.append(4)
d = a[:]
d.append(5)
e = a + []
e.append(6)
out([a, b, c, d, e])
# --- a list multiplied
a = [0] * 3
a[0] = 1
out(a)
# --- rows multiplied are one row (refused)
a = [[0]] * 2
row = a[0]
row.append(1)
out(a)
# --- identity
a = [1]
b = [1]
out([a == b, a is not None, None is None])
# --- identity of lists (refused)
a = [1]
b = [1]
out([a is b, a is a])
# --- identity of truth values
a = 1 < 2
out([a is True, a is False])
# --- a number is not a truth value
a = 1
out([a is True, a == True])
# --- in
out([1 in [1, 2], "b" in "abc", "k" in {"k": 1}, 3 not in [1], "" in "x", None in [None]])
# --- zip stops at the shortest
out([list(zip([1, 2, 3], "ab")), list(enumerate("ab", 5))])
# --- an iterator is used up (refused)
pairs = zip([1, 2], [3, 4])
out(list(pairs))
out(list(pairs))
# --- a map is used up (refused)
m = map(str, [1, 2])
out(list(m))
out(list(m))
# --- an enumeration is used up (refused)
e = enumerate("ab")
for i, c in e:
    break
out(list(e))
# --- reversed is used up (refused)
r = reversed([1, 2])
out(list(r))
out(list(r))
# --- a generator is used up (refused)
g = (x for x in [1, 2])
out(list(g))
out(list(g))
# --- iter and next (refused)
it = iter([1, 2, 3])
out(next(it))
out(next(it))
out(list(it))
# --- the length of a zip (refused)
z = zip([1], [2])
try:
    out(len(z))
except TypeError:
    out("no length")
# --- an item of a map (refused)
m = map(str, [1, 2])
try:
    out(m[0])
except TypeError:
    out("no items")
# --- keys of a dict that changes later (refused)
d = {"a": 1}
k = d.keys()
d["b"] = 2
out(list(k))
# --- a view of a dict of an attribute (refused)
class U(Base):
    def body(self):
        self.d = {"a": 1}
        values = self.d.values()
        self.d["b"] = 2
        out(list(values))
# --- an item of keys (differs)
d = {"a": 1}
try:
    out(d.keys()[0])
except TypeError:
    out("no items")
# --- sets
s = {3, 1, 3}
out([len(s), 3 in s, sorted(s)])
# --- a set equals a set in another order
out([{1, 2} == {2, 1}, set([1, 2, 2]) == {1, 2}])
# --- a set is no list (refused)
try:
    out([{1, 2} == [1, 2], set() == []])
except TypeError:
    out("no")
# --- sets change (refused)
s = set()
s.add(1)
s.add(1)
s.add(2)
s.discard(5)
out(sorted(s))
# --- operators of sets
a = {1, 2}
b = {2, 3}
out([sorted(a | b), sorted(a & b), sorted(a - b), sorted(a ^ b)])
# --- a set has no items by place (differs)
s = {1, 2}
try:
    out(s[0])
except TypeError:
    out("no items")
# --- a set is no JSON (differs)
try:
    out({1, 2})
except TypeError:
    out("no JSON")
# --- a tuple is no list (differs)
a = (1, 2)
out([a == [1, 2], a == (1, 2)])
# --- a tuple does not change (refused)
a = (1, 2)
try:
    a[0] = 5
    out("changed")
except TypeError:
    out("no")
# --- a tuple has no append (refused)
a = (1, 2)
try:
    a.append(5)
    out("changed")
except AttributeError:
    out("no")
# --- the type of a tuple (differs)
a = (1, 2)
out([isinstance(a, tuple), isinstance(a, list)])
# --- a sum of a tuple and a list (differs)
a = (1, 2)
try:
    out(a + [3])
except TypeError:
    out("no")
# --- the text of a tuple (differs)
a = (1, 2)
out(f"{a} {str(a)}")
# --- a tuple compared with a list (differs)
try:
    out((1, 2) < [1, 3])
except TypeError:
    out("no")
# --- a range is no list (differs)
a = range(3)
out([a == [0, 1, 2], f"{a}"])
# --- a tuple as a key (refused)
d = {(1, 2): "x"}
out(d[(1, 2)])
# --- the text of a set (differs)
out(f"{ {1} }")
# --- a text of dict views (differs)
d = {"a": 1}
out(f"{d.keys()}")
# --- formatting by a tuple and by a list (differs)
a = [1, 2]
try:
    out("%s %s" % a)
except TypeError:
    out("too few")
out("%s" % [1, 2])
t = (1, 2)
out("%s %s" % t)
# --- random.shuffle keeps what is there
import random

class U(Base):
    def body(self):
        items = [1, 2, 3]
        random.shuffle(items)
        out(sorted(items))
# --- any and all
out([any([]), all([]), any([0, 1]), all([1, 0])])
# --- nested changes (refused)
d = {"a": {"b": 1}}
d["a"]["b"] = 2
out(d)
# --- a nested list (refused)
a = [[1], [2]]
a[0].append(5)
out(a)
# --- a method of what a method gives
a = "a b".split()
a.append("c")
out(a)
# --- json is a new value
d = self.client.get("/x").json()
d["x"] = 1
out(d)
# --- a list within a sum (refused)
b = [1]
a = [] + [b]
b.append(2)
out(a)
# --- a list within what another is extended by (refused)
a = []
b = [1]
a += [b]
b.append(2)
out(a)
# --- a list in a dict that another is updated by (refused)
d = {}
b = [1]
d.update({"b": b})
b.append(2)
out(d)
# --- a list in a dict that is made by name (refused)
b = [1]
d = dict(b=b)
b.append(2)
out(d)
# --- a list in a list that is copied (refused)
b = [1]
d = list([b])
b.append(2)
out(d)
# --- a list of a list that is taken at once (refused)
b = [1]
d = [b][0]
b.append(2)
out(d)
# --- a list in a comprehension over a display (refused)
b = [1]
d = [x for x in [b]]
b.append(2)
out(d)
# --- a list in a loop over a display (refused)
b = [1]
for x in [b]:
    b.append(2)
    out(x)
# --- a list by a star (refused)
b = [1]
d = [*[b]]
b.append(2)
out(d)
# --- a list that is given away after its changes
b = [1]
b.append(2)
d = {"b": b}
e = [b]
out([d, e])
# --- a list that is given away in a loop after its changes
rows = []
for i in range(3):
    row = {}
    row["i"] = i
    if i:
        row.update({"more": 1})
    rows.append(row)
out(rows)
# --- a list that is given away in a loop before its changes (refused)
rows = []
for i in range(3):
    row = {}
    rows.append(row)
    row["i"] = i
out(rows)
# --- a list that is given away in a loop and made outside it (refused)
rows = []
row = {}
for i in range(3):
    row["i"] = i
    rows.append(row)
out(rows)
# --- a list that is made anew in some rounds only (refused)
rows = []
row = {}
for i in range(3):
    if i == 1:
        row = {}
    row["i"] = i
    rows.append(row)
out(rows)
# --- a list that is given away in an inner loop (refused)
rows = []
for i in range(2):
    row = []
    for j in range(2):
        row.append(j)
        rows.append(row)
out(rows)
# --- a list that is given away in the test of a loop (refused)
def keep(user, x):
    user.x = x
    return len(x) < 3

class U(Base):
    def body(self):
        row = [1]
        while keep(self, row):
            row.append(2)
        out(self.x)
# --- a list of the file that is given away before its change (refused)
A = [1]

class U(Base):
    def body(self):
        A.append(2)
        self.a = A
        out(self.a)
        self.more()

    def more(self):
        A.append(3)
        out(self.a)
# --- values of several names at once
a, b = [], {}
a.append(1)
b["k"] = a
out([a, b])
# --- names that are swapped (refused)
a, b = [1], [2]
c = a
a, b = b, a
a.append(5)
out([a, b, c])
# --- a method of the file named as one that makes something new (refused)
class U(Base):
    def items(self):
        return self.rows

    def body(self):
        self.rows = [1]
        mine = self.items()
        mine.append(2)
        out(self.rows)
# --- a list that is changed by a call in an argument (refused)
class U(Base):
    def add(self):
        self.rows.append(1)
        return 1

    def body(self):
        self.rows = []
        mine = [self.rows, self.add()]
        out(mine)
# --- a loop over pairs of what changes (refused)
items = [1, 2]
for place, item in enumerate(items):
    if len(items) < 4:
        items.append(item)
    out([place, item])
# --- a sequence that is doubled in its loop (refused)
items = [1, 2]
for item in items:
    if len(items) < 4:
        items += [0]
    out(item)
# --- a comprehension over the answer of a call
class U(Base):
    def rows(self):
        return [1, 2]

    def body(self):
        out([x * 2 for x in self.rows()])
        out({str(x): x for x in self.rows()})
        out(sum(x for x in self.rows()))
# --- texts and numbers by +=
class U(Base):
    text = "a"
    number = 1

    def body(self):
        self.text += "b"
        self.text += f"{self.number}"
        self.number += self.number
        self.number *= 3
        more = self.text
        more += self.text
        out([self.text, self.number, more])
# --- a dict by |=
d = {"a": 1}
d |= {"b": 2}
out(d)
# --- a shared dict by |=
d = {"a": 1}
e = d
d |= {"b": 2}
out(e)
# --- sets by their operators
a = {1, 2}
b = set([2, 3])
out([sorted(a | b), sorted(a & b), sorted(a - b), sorted(a ^ b), sorted((a | b) - {1})])
out([a == b, a != b, a <= {1, 2, 3}, {2, 1} == a, set() == set([]), a - a == set()])
self.s = {"x", "y"}
out([self.s == {"y", "x"}, len(self.s & {"x", "z"})])
# --- keys of dicts in another order
a = {"x": 1, "y": 2}
b = {"y": 2, "x": 1}
out([a.keys() == b.keys(), a.items() == b.items(), sorted(a.keys() & {"x", "z"}), sorted(a.keys() - b.keys())])
out(set(a) == set(b))
# --- sets of the file
A = {1, 2}
B = {2, 1}
SAME = A == B

class U(Base):
    C = A == B

    def body(self):
        out([A == B, SAME, self.C, len(A & {1})])

# --- the order of an augmented item
SEEN = []

def note(x):
    SEEN.append(x)
    return x

class U(Base):
    def body(self):
        d = {"a": 1}
        d[note("a")] += note(5)
        out([d, SEEN])
        self.x = 1
        self.x += note(self.x) + note(2)
        out([self.x, SEEN])
# --- a value that is changed while the other side of += is computed
class U(Base):
    def up(self):
        self.x = 10
        return 1

    def body(self):
        self.x = 1
        self.x += self.up()
        out(self.x)
        self.x = self.x + self.up()
        out(self.x)
        d = {"a": 1}
        d["a"] += self.up()
        out(d)
# --- one call for several targets
SEEN = []

def note(x):
    SEEN.append(x)
    return x

class U(Base):
    def body(self):
        a = b = self.c = note(1)
        out([a, b, self.c, SEEN])
# --- what is printed is evaluated
SEEN = []

def note(x):
    SEEN.append(x)
    return x

class U(Base):
    def body(self):
        print("x", note(1), note(2))
        print(f"{note(3)}")
        try:
            print([][1])
        except IndexError:
            out("raised")
        out(SEEN)
# --- nested handlers of one name
try:
    try:
        raise ValueError("a")
    except ValueError as error:
        try:
            raise KeyError("b")
        except KeyError as error:
            out(str(error))
        out("between")
        out(str(error))
except NameError:
    out("gone")
# --- exceptions with several arguments
try:
    raise Own("a", 1, None)
except Own as error:
    out([str(error), repr(error)])
try:
    raise ValueError()
except ValueError as error:
    out([str(error), repr(error)])
try:
    raise KeyError("a b")
except KeyError as error:
    out([str(error), repr(error), f"{error!r}"])
# --- loops over texts, dicts and pairs
for c in "ab":
    out(c)
for k in {"a": 1, "b": 2}:
    out(k)
for k, v in {"a": [1], "b": [2]}.items():
    out([k, v])
for i, (a, b) in enumerate([[1, 2], [3, 4]]):
    out([i, a, b])
for i, c in zip(range(2), "xyz"):
    out([i, c])
# --- a loop target that is an attribute or an item (refused)
for self.i in range(2):
    out(self.i)
d = {}
for d["k"] in [1, 2]:
    out(d)
out(self.i)
# --- delete what is not there (refused)
d = {}
try:
    del d["x"]
except KeyError as error:
    out(str(error))
try:
    del nothing
except NameError:
    out("no name")
# --- delete twice
x = 1
del x
try:
    del x
except NameError:
    out("no name")
# --- methods of a base class with defaults (refused)
class A(Base):
    abstract = True
    path = "/a"

    def f(self, x, y=2, *, z=3):
        return [self.path, x, y, z]

class U(A):
    path = "/u"

    def f(self, x, y=5, **kwargs):
        return super().f(x, y, **kwargs)

    def body(self):
        out(self.f(1, z=4))
# --- methods of a base class without stars
class A(Base):
    abstract = True
    path = "/a"

    def f(self, x, y=2, *, z=3):
        return [self.path, x, y, z]

class U(A):
    path = "/u"

    def f(self, x, y=5):
        return super().f(x, z=y) + super().f(y=1, x=2)

    def body(self):
        out(self.f(1))
# --- on_start of the base class
class A(Base):
    abstract = True

    def prepare(self):
        self.x = ["A"]

class U(A):
    def prepare(self):
        super().prepare()
        self.x = self.x + ["U"]

    def body(self):
        self.prepare()
        out(self.x)
# --- with blocks and exceptions
class U(Base):
    def body(self):
        try:
            with self.client.get("/x", catch_response=True) as response:
                out(response.status_code)
                raise Own("within")
        except Own as error:
            out(str(error))
        with self.client.get("/x", catch_response=True) as response:
            number = response.json()["n"]
        out(number > 0)
        out(response.status_code)
# --- answers within expressions
class U(Base):
    def body(self):
        out(self.client.get("/x").json()["n"] < self.client.get("/x").json()["n"])
        out([self.client.get("/x").ok and 5, self.client.get("/x").status_code + 1])
        if self.client.get("/x").status_code != 200 or self.client.get("/y").ok:
            out("either")
        n = len([self.client.get("/x"), self.client.get("/x")])
        out(n)
# --- a text that is changed by its own name
s = "a"
for i in range(3):
    s = s + s[-1] + str(i)
out(s)
# --- conditions of None
x = None
out([x is None, x is not None, x == None, not x, x or 5])
# --- the same list in two attributes (refused)
self.a = self.b = []
self.a.append(1)
out(self.b)
# --- a changed answer (refused)
r = self.client.get("/x")
data = r.json()
other = data
data["a"] = 1
out(other)
# --- a list that a loop variable stands for (refused)
rows = [[1], [2]]
for row in rows:
    row.append(0)
out(rows)
# --- a list within a dict of the user
class U(Base):
    def body(self):
        self.d = {"l": [1]}
        self.d["l"] = self.d["l"] + [2]
        out(self.d)
# --- an item of an attribute that is a list
class U(Base):
    def body(self):
        self.l = [1, 2, 3]
        self.l[0] = self.l[-1]
        self.l[1] += 5
        del self.l[-1]
        out(self.l)
        out(self.l.pop() + len(self.l))
# --- a list of the user that a function changes
def add(user, x):
    user.rows.append(x)
    return len(user.rows)

class U(Base):
    def body(self):
        self.rows = []
        out([add(self, 1), add(self, 2), len(self.rows)])
        out(self.rows)
# --- lists of the file and of the user (refused)
ROWS = [1]

class U(Base):
    def body(self):
        self.rows = ROWS
        self.rows.append(2)
        out(ROWS)
# --- copies of lists of the file
ROWS = [1]

class U(Base):
    def body(self):
        self.rows = list(ROWS)
        self.rows.append(2)
        ROWS.append(3)
        out([ROWS, self.rows])
# --- two functions with variables of one name
def f(x):
    y = x * 2
    return y

def g(x):
    y = f(x) + 1
    z = f(y)
    return [x, y, z]

class U(Base):
    def body(self):
        y = 100
        out([g(1), y, f(g(2)[1])])
# --- a call in a default of get
SEEN = []

def note(x):
    SEEN.append(x)
    return x

class U(Base):
    def body(self):
        d = {"a": 1}
        out([d.get("a", note(5)), d.get("b", note(6))])
        out(SEEN)
# --- a call in an index and a slice
SEEN = []

def note(x):
    SEEN.append(x)
    return x

class U(Base):
    def body(self):
        out([[1, 2, 3][note(1)], [1, 2, 3][note(0):note(2)], "abc"[note(-1)]])
        out(SEEN)
# --- a call in an f-string and a condition of a comprehension's source
def f(x):
    return x + 1

class U(Base):
    def body(self):
        out(f"{f(1)}-{f(2):03}")
        out([x for x in range(f(2)) if x])
# --- an early return in nested loops and with finally
def find(rows, wanted):
    for row in rows:
        for item in row:
            try:
                if item == wanted:
                    return item * 10
            finally:
                SEEN.append(item)
    else:
        SEEN.append("none")

SEEN = []

class U(Base):
    def body(self):
        out([find([[1, 2], [3]], 2), SEEN])
# --- loops that end by an exception of next
it = iter([1, 2])

class U(Base):
    def body(self):
        seen = []
        while True:
            try:
                seen.append(next(it))
            except StopIteration:
                break
        out(seen)
# --- a counter in an f-string twice
import itertools

ids = itertools.count(1)

class U(Base):
    def body(self):
        out(f"{next(ids)}/{next(ids)}")
        out([next(ids), [next(ids), next(ids)], {"a": next(ids)}])
        x = next(ids) + next(ids) * 10
        out(x)
# --- shared numbers in one expression
N = 0

def up():
    global N
    N += 1
    return N

class U(Base):
    def body(self):
        out([N, up(), N, up() + N, N + up()])
        out(f"{N}{up()}{N}")
        out(up() if N > 100 else N)
        out({"a": up(), "b": N} | {"c": up()})
        out(max(N, up(), N))
        out(N if up() else 0)
        out(N < up() and N)
        out([N for _ in range(up() - N + 1)])
# --- attributes in one expression
class U(Base):
    def up(self):
        self.n += 1
        return self.n

    def body(self):
        self.n = 0
        out([self.n, self.up(), self.n, self.up() + self.n, self.n + self.up()])
        out(f"{self.n}{self.up()}{self.n}")
        out(self.n if self.up() else 0)
        a = self.n
        b = [a, self.up(), a]
        out(b)
        self.n, c = self.up() * 10, self.n
        out([self.n, c])
# --- lists in one expression
ROWS = [1, 2, 3]

class U(Base):
    def body(self):
        out([len(ROWS), ROWS.pop(), len(ROWS), sum(ROWS)])
        out(ROWS[0] + ROWS.pop(0) + ROWS[0])
        mine = [5, 6]
        out([mine[0], mine.pop(0), mine[0], len(mine)])
        out(mine.pop() if mine else 0)
        out(mine.pop() if mine else 0)
# --- a list that is read before and after its change in one display
mine = [5, 6]
out([mine, mine.pop(), mine])
# --- conversions of truth values and None
out([str(True), int(True), f"{None}", "%s" % None, "%d" % True, str(1.0), str(10**15), str(1e15), str(1e16)])
# --- a random seed (refused)
import random

class U(Base):
    def body(self):
        random.seed(5)
        out(random.randint(1, 10**6))

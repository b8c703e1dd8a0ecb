# --- loops and branches
A = []
for i in range(5):
    if i % 2:
        continue
    if i > 3:
        break
    A.append(i)
n = 0
while n < 3:
    n += 1

class U(Base):
    def body(self):
        out([A, n, i])
# --- try at the top
try:
    X = {}["a"]
except KeyError as error:
    X = str(error)
else:
    X = "else"
finally:
    Y = 1

class U(Base):
    def body(self):
        out([X, Y])
# --- the name of an exception is gone at the top (refused)
E = []
try:
    int("x")
except ValueError as e:
    E.append(str(e))
try:
    E.append(str(e))
except NameError:
    E.append("gone")

class U(Base):
    def body(self):
        out(E)
# --- BaseException at the top
try:
    X = int("x")
except BaseException:
    X = 5

class U(Base):
    def body(self):
        out(X)
# --- an exception of the file at the top (refused)
try:
    raise Further("x")
except Own as error:
    X = str(error)

class U(Base):
    def body(self):
        out(X)
# --- a function with an exception at the top
def f(x):
    try:
        return 10 // x
    except ZeroDivisionError:
        return "zero"
    finally:
        SEEN.append(x)

SEEN = []
A = [f(0), f(5)]

class U(Base):
    def body(self):
        out([A, SEEN])
# --- the order within an expression at the top
items = [1, 2, 3]
A = [len(items), items.pop(), len(items)]
B = len(items) * 10 + items.pop()
C = items + [items.pop()]

class U(Base):
    def body(self):
        out([A, B, C])
# --- the order of functions at the top
N = [0]

def up():
    N.append(len(N))
    return len(N)

A = [len(N), up(), len(N), up()]

class U(Base):
    def body(self):
        out([A, N])
# --- a condition around a call at the top
SEEN = []

def note(x):
    SEEN.append(x)
    return x

A = note(1) if note(0) else note(2)
B = note(0) and note(5)

class U(Base):
    def body(self):
        out([A, B, SEEN])
# --- a list with two names at the top (refused)
a = [1]
b = a
b.append(2)

class U(Base):
    def body(self):
        out([a, b])
# --- a list within a list at the top (refused)
row = [1]
rows = [row, row]
row.append(2)

class U(Base):
    def body(self):
        out(rows)
# --- a list changed by a function at the top (refused)
def add(items, x):
    items.append(x)
    return items

A = []
add(A, 1)
B = add(A, 2)

class U(Base):
    def body(self):
        out([A, B])
# --- an augmented list with two names at the top (refused)
a = [1]
b = a
a += [2]

class U(Base):
    def body(self):
        out([a, b])
# --- an augmented list given to a function at the top (refused)
def f(x):
    x += [5]

a = [1]
f(a)

class U(Base):
    def body(self):
        out(a)
# --- a loop over a list that it changes at the top (refused)
items = [1, 2, 3]
seen = []
for item in items:
    seen.append(item)
    if len(items) < 6:
        items.append(item * 10)

class U(Base):
    def body(self):
        out([items, seen])
# --- a dict that a loop changes at the top (refused)
d = {"a": 1}
try:
    for k in d:
        d["b"] = 2
    seen = "changed"
except RuntimeError:
    seen = "error"

class U(Base):
    def body(self):
        out(seen)
# --- a row is changed through its loop at the top (refused)
rows = [{"a": 1}, {"a": 2}]
for row in rows:
    row["b"] = row["a"] * 2

class U(Base):
    def body(self):
        out(rows)
# --- nested items at the top (refused)
d = {"a": {"b": 1}}
d["a"]["b"] = 2

class U(Base):
    def body(self):
        out(d)
# --- an iterator is used up at the top (refused)
it = iter([1, 2, 3])
A = next(it)
B = list(it)
C = list(it)

class U(Base):
    def body(self):
        out([A, B, C])
# --- a zip is used up at the top (refused)
z = zip([1, 2], [3, 4])
A = list(z)
B = list(z)

class U(Base):
    def body(self):
        out([A, B])
# --- a cycle at the top
import itertools

c = itertools.cycle([1, 2])
A = [next(c), next(c), next(c)]

class U(Base):
    def body(self):
        out([A, next(c), next(c)])
# --- a counter at the top
import itertools

c = itertools.count(5)
A = next(c)
B = next(c)

class U(Base):
    def body(self):
        out([A, B, next(c)])
# --- iterators with two names (refused)
import itertools

c = itertools.count(5)
d = c

class U(Base):
    def body(self):
        out([next(c), next(d)])
# --- an iterator of a list that changes (refused)
import itertools

items = [1, 2]
c = itertools.cycle(items)

class U(Base):
    def body(self):
        items.append(3)
        out([next(c), next(c), next(c)])
# --- an iterator in a loop (refused)
import itertools

c = itertools.count(5)

class U(Base):
    def body(self):
        for n in c:
            if n > 7:
                break
            out(n)
        out(next(c))
# --- an iterator of a function (refused)
it = iter([1, 2])

def take():
    return next(it)

class U(Base):
    def body(self):
        out(take())
        out(take())
        try:
            out(take())
        except StopIteration:
            out("end")
        out(next(it, "default"))
# --- functions that call functions at the top
def square(x):
    return x * x

def sums(items):
    total = 0
    for item in items:
        total += square(item)
    return total

A = sums([1, 2, 3])

class U(Base):
    def body(self):
        out([A, sums([4])])
# --- defaults at the top (refused)
def f(x, y=[]):
    y.append(x)
    return list(y)

A = f(1)
B = f(2)

class U(Base):
    def body(self):
        out([A, B])
# --- a default that is evaluated at its function (refused)
N = 1
def f(x=N):
    return x
for N in [5]:
    pass
A = f()

class U(Base):
    def body(self):
        out([A, N])
# --- arguments at the top
def f(a, b=2, *, c=3):
    return [a, b, c]

A = [f(1), f(b=1, a=5), f(1, c=4)]

class U(Base):
    def body(self):
        out(A)
# --- too many arguments at the top (refused)
def f(a, b=2):
    return [a, b]

try:
    A = f(1, a=5)
except TypeError:
    A = "error"

class U(Base):
    def body(self):
        out(A)
# --- unknown arguments at the top (refused)
def f(a, b=2):
    return [a, b]

try:
    A = f(1, z=5)
except TypeError:
    A = "error"

class U(Base):
    def body(self):
        out(A)
# --- a function used before its variable exists
def f():
    return LATER

LATER = 5
A = f()

class U(Base):
    def body(self):
        out([A, f()])
# --- global within a function at the top (refused)
N = 1

def f():
    global N
    N = N + 1

f()
f()

class U(Base):
    def body(self):
        out(N)
# --- a local hides a variable at the top
N = 1

def f():
    N = 5
    return N

A = f()

class U(Base):
    def body(self):
        out([A, N])
# --- unpacking at the top (refused)
a, (b, c) = 1, [2, 3]
a, b = b, a
first, *rest = [1, 2, 3]

class U(Base):
    def body(self):
        out([a, b, c, first, rest])
# --- comprehensions with functions at the top (refused)
def double(x):
    return x * 2

A = [double(x) for x in [1, 2]]

class U(Base):
    def body(self):
        out(A)
# --- a constant that is changed in a method only
COUNTS = {"a": 0}

class U(Base):
    def body(self):
        COUNTS["a"] += 1
        COUNTS["b"] = COUNTS["a"]
        out(COUNTS)
# --- a constant of a constant that changes
A = [1]
B = A + [2]

class U(Base):
    def body(self):
        A.append(5)
        out([A, B])
# --- a constant within another that changes (refused)
A = [1]
B = {"a": A}

class U(Base):
    def body(self):
        A.append(5)
        out(B)
# --- a class attribute is the constant that changes (refused)
A = [1]

class U(Base):
    a = A
    def body(self):
        A.append(5)
        out(self.a)
# --- an attribute is the constant that changes (refused)
A = [1]

class U(Base):
    def body(self):
        self.a = A
        A.append(5)
        out(self.a)
# --- the top of a file in a main guard
X = 1
if __name__ == "__main__":
    X = 2

class U(Base):
    def body(self):
        out(X)
# --- a main guard that is turned round (refused)
X = 1
if __name__ != "__main__":
    X = 2

class U(Base):
    def body(self):
        out(X)
# --- delete at the top (refused)
X = 1
Y = {"a": 1, "b": 2}
del Y["a"]

class U(Base):
    def body(self):
        out(Y)
# --- assert at the top (refused)
X = 1
assert X == 1

class U(Base):
    def body(self):
        out(X)
# --- a class that uses a function (refused)
def f(x):
    return x + 1

class U(Base):
    n = f(1)

    def body(self):
        out(self.n)
# --- a comprehension in a class
class U(Base):
    n = [x * 2 for x in range(3)]

    def body(self):
        out(self.n)
# --- a name in a class that is also in the file
N = 1

class U(Base):
    N = 2
    M = N + 1

    def body(self):
        out([N, self.N, self.M])
# --- branches decide on definitions (refused)
if 1 < 2:
    def f():
        return 1
else:
    def f():
        return 2

class U(Base):
    def body(self):
        out(f())
# --- walrus at the top (refused)
if (n := 5) > 3:
    m = n

class U(Base):
    def body(self):
        out([n, m])
# --- a while with else at the top (refused)
n = 0
while n < 2:
    n += 1
else:
    n = 10

class U(Base):
    def body(self):
        out(n)
# --- with break and else at the top
for i in range(3):
    if i == 1:
        break
else:
    i = 100

class U(Base):
    def body(self):
        out(i)
# --- finally with return at the top
def f():
    for i in range(3):
        try:
            if i == 1:
                break
            continue
        finally:
            SEEN.append(i)
    return i

SEEN = []
A = f()

class U(Base):
    def body(self):
        out([A, SEEN])
# --- an exception in a handler at the top
try:
    try:
        {}["a"]
    except KeyError:
        [][1]
except IndexError:
    A = "index"

class U(Base):
    def body(self):
        out(A)
# --- raise again at the top (refused)
try:
    try:
        {}["a"]
    except KeyError:
        raise
except LookupError as error:
    A = repr(error)

class U(Base):
    def body(self):
        out(A)
# --- a value that a class reads before it changes in a loop
rows = []
for i in range(2):
    rows.append({"i": i})

class U(Base):
    n = len(rows)
    def body(self):
        out([self.n, rows])
# --- strings of names at the top (refused)
X = __name__

class U(Base):
    def body(self):
        out(X)
# --- an iterator that was begun at the top
it = iter([1, 2, 3])
A = next(it)

class U(Base):
    def body(self):
        out([A, next(it), next(it)])
# --- a cycle that was begun at the top
import itertools

c = itertools.cycle("abc")
A = [next(c), next(c)]

class U(Base):
    def body(self):
        out([A, next(c), next(c), next(c)])
# --- a function that extends a list of the file at the top
def more():
    ITEMS.extend([2, 3])
    ITEMS.insert(0, 9)
    ITEMS[1] = 5
    return ITEMS.pop()

ITEMS = [1]
A = more()

class U(Base):
    def body(self):
        out([A, ITEMS])
# --- a function that calls itself at the top
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)

def fact(n):
    return 1 if n < 2 else n * fact(n - 1)

A = [fib(7), fact(5)]

class U(Base):
    def body(self):
        out(A)
# --- a loop over the items of a dict that grows at the top (refused)
d = {"a": 1}
try:
    for k, v in d.items():
        d["b"] = 2
    seen = "changed"
except RuntimeError:
    seen = "error"

class U(Base):
    def body(self):
        out(seen)
# --- a list that a function returns and that is changed then
def make():
    rows = []
    rows.append(1)
    return rows

A = make()
A.append(2)

def both():
    mine = make()
    mine.append(3)
    return mine

B = both()

class U(Base):
    def body(self):
        out([A, B])
# --- a zip that is gone through once at the top
z = zip([1, 2], [3, 4])
A = []
for a, b in z:
    A.append(a * b)

class U(Base):
    def body(self):
        out(A)
# --- a zip at the top that users go through (refused)
z = zip([1, 2], [3, 4])

class U(Base):
    def body(self):
        out([a * b for a, b in z])
        out([a * b for a, b in z])
# --- a rest of an iterator at the top
it = iter([1, 2, 3, 4])
for x in it:
    if x == 2:
        break
A = x

class U(Base):
    def body(self):
        out(A)
# --- names of a class
class U(Base):
    A = 2
    B = [A, A + 1]
    C = {"b": B, "n": len(B)}
    D = [x * 2 for x in B]
    E = f"{A}/{C['n']}"

    def body(self):
        out([self.A, self.B, self.C, self.D, self.E])
# --- names of a class within a comprehension
A = 10

class U(Base):
    A = 2
    B = [A * x for x in [A, 3]]

    def body(self):
        out(self.B)
# --- names of a class that are given twice
class U(Base):
    A = 1
    B = A
    A = 2
    C = A

    def body(self):
        out([self.A, self.B, self.C])
# --- names of a class in defaults
class U(Base):
    A = 1

    def f(self, x=A + 1):
        return x

    def body(self):
        out(self.f())

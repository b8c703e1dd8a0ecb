# --- a variable of one branch only
for flag in [True, False]:
    if flag:
        x = 1
    else:
        y = 2
    out([flag, x])
out(y)
# --- a variable that is never given a value
if 1 > len("ab"):
    x = 1
try:
    out(x)
except UnboundLocalError as error:
    out(str(error))
# --- a variable of a loop after it
for i in range(3):
    pass
out(i)
for j in []:
    pass
try:
    out(j)
except NameError:
    out("no j")
# --- a loop that gives its own variable another value
for i in range(3):
    i = i * 10
    out(i)
out(i)
# --- a comprehension hides a variable
x = 5
squares = [x * x for x in range(3)]
out([x, squares])
# --- a comprehension that reads a variable of the same name in its source
x = [1, 2]
out([x for x in x])
out(x)
# --- the walrus leaks
if (n := len("abc")) > 2:
    out(n)
out(n)
# --- a walrus after a read
a = 1
b = a + (a := 5)
out([a, b])
# --- a walrus before a read
a = 1
b = (a := 5) + a
out([a, b])
# --- a walrus in a list
x = 1
out([x, (x := 2), x])
# --- a walrus in an f-string
x = 1
out(f"{x} {(x := 2)} {x}")
# --- a walrus in a condition
x = 1
y = x if (x := 2) > 1 else 0
out([x, y])
# --- a walrus in arguments
x = 3
out(max(x, (x := 1), x))
# --- a walrus in a dict
x = 1
out({"a": x, "b": (x := 2), "c": x})
# --- a walrus in a comparison
x = 1
out([x < (x := 2) < x + 1, x])
# --- a walrus in a comprehension (refused)
out([y for x in range(5) if (y := x * 2) > 3])
# --- a name that is gone after its exception
error = "before"
try:
    raise ValueError("x")
except ValueError as error:
    out(str(error))
try:
    out(error)
except NameError:
    out("gone")
# --- delete a variable
x = 1
del x
try:
    out(x)
except NameError:
    out("gone")
# --- names of builtins are shadowed
len = 3
out(len + 1)
str = "x"
out(str)
# --- a builtin that is shadowed is no function (refused)
sum = 3
try:
    out(sum([1, 2]))
except TypeError:
    out("not callable")
# --- a builtin that a loop shadows (refused)
for max in [1, 2]:
    pass
out(max)
try:
    out(max(1, 2))
except TypeError:
    out("not callable")
# --- a parameter hides a constant of the file
X = 1

def f(X):
    return X + 1

class U(Base):
    def body(self):
        out([f(5), X])
# --- a variable hides a constant of the file
X = 1

class U(Base):
    def body(self):
        try:
            out(X)
        except UnboundLocalError:
            out("unbound")
        X = 2
        out(X)
# --- a variable hides a function of the file
def f():
    return 1

class U(Base):
    def body(self):
        f = 5
        out(f + 1)
# --- global
count = 0

def up():
    global count
    count += 1
    return count

class U(Base):
    def body(self):
        out([up(), up(), count])
        out(count)
# --- global that reads before
count = 0

class U(Base):
    def body(self):
        global count
        a = count
        count = 7
        out([a, count])
# --- the order of a global and its change
count = 1

def up():
    global count
    count += 1
    return count

class U(Base):
    def body(self):
        out([count, up(), count])
        out(count + up() * 10 + count * 100)
        x = count
        out(x + up())
        out({"a": count, "b": up(), "c": count})
# --- an augmented global with its change
count = 1

def up():
    global count
    count += 10
    return count

class U(Base):
    def body(self):
        global count
        count += up()
        out(count)
        count = count * 2 + up()
        out(count)
# --- a default is evaluated once
N = 1

def f(x=N):
    return x

class U(Base):
    def body(self):
        out(f())
# --- a default of what changes later at the top (refused)
N = 1
def f(x=N):
    return x
if True:
    N += 5

class U(Base):
    def body(self):
        out([f(), N])
# --- a class attribute of what changes later at the top (refused)
N = 1

class U(Base):
    n = N
    def body(self):
        out([self.n, N])

N += 1
# --- a class attribute of what a loop changes later (refused)
N = [1]

class U(Base):
    n = N[0]
    def body(self):
        out([self.n, N])

for i in range(3):
    N = [i]
# --- a function that is called before what it reads is changed
N = 1
def f():
    return N
A = f()
N += 1
B = f()

class U(Base):
    def body(self):
        out([A, B, N])
# --- a loop variable of the top level
for i in range(4):
    LAST = i

class U(Base):
    def body(self):
        out([i, LAST])
# --- a name of the top level that is only there in a branch not taken (refused)
if False:
    X = 1

class U(Base):
    def body(self):
        try:
            out(X)
        except NameError:
            out("no X")
# --- locals of a function do not leak
def f():
    y = 5
    return y

class U(Base):
    def body(self):
        y = 1
        f()
        out(y)
        z = f() + y
        out(z)
# --- a function called twice forgets its variables
def f(flag):
    if flag:
        y = 5
    try:
        return y
    except NameError:
        return "none"

class U(Base):
    def body(self):
        out([f(True), f(False)])
# --- a method in a loop forgets its variables
class U(Base):
    def f(self, i):
        if i == 0:
            y = 5
        try:
            return y
        except NameError:
            return "none"

    def body(self):
        for i in range(3):
            out(self.f(i))
# --- nested calls with the same names
def inner(a, b):
    c = a - b
    return c

def outer(a, b):
    c = 100
    d = inner(b, a)
    return [a, b, c, d]

class U(Base):
    def body(self):
        a = 1
        b = 2
        out(outer(b, a))
        out(outer(inner(5, 3), inner(a, b)))
        out([a, b])
# --- an argument that is changed within the function
def f(a):
    a += 1
    return a

class U(Base):
    def body(self):
        a = 1
        out([f(a), a, f(f(a)), a])
# --- arguments by name in another order
def f(a, b=2, *, c=3):
    return [a, b, c]

class U(Base):
    def body(self):
        out(f(1))
        out(f(b=1, a=5))
        out(f(1, c=4))
        out(f(c=1, b=2, a=3))
# --- arguments by name are evaluated in the order of the call
SEEN = []

def note(x):
    SEEN.append(x)
    return x

def f(a, b):
    return [a, b]

class U(Base):
    def body(self):
        out(f(b=note(1), a=note(2)))
        out(SEEN)
# --- arguments are evaluated before the call
def f(a, b):
    return [a, b]

class U(Base):
    def body(self):
        x = 1
        out(f(x, (x := 2)))
        out(f((x := 3), x))
# --- a parameter that is given the caller's variable, which the function's own name hides
def f(x, y):
    x, y = y, x
    return [x, y]

class U(Base):
    def body(self):
        x, y = 1, 2
        out(f(y, x))
        out([x, y])
# --- a global changed by a call whose argument is that global
N = 1

def f(n):
    global N
    N += 10
    return n

class U(Base):
    def body(self):
        out([f(N), N])
# --- an attribute changed by a call whose argument is that attribute
class U(Base):
    def f(self, n):
        self.n = 10
        return n

    def body(self):
        self.n = 1
        out([self.f(self.n), self.n])
        out([self.n, self.f(3), self.n])
# --- a variable of the file that a function with the same parameter gets
N = [1, 2]

def f(N):
    N = N + [3]
    return N

class U(Base):
    def body(self):
        out([f(N), N])
# --- an import under another name
import random as r
from random import randint as draw
import json as j

class U(Base):
    def body(self):
        out([r.randint(1, 1), draw(2, 2), j.dumps([1])])
# --- a variable that hides an import
import json

class U(Base):
    def body(self):
        json = 5
        out(json + 1)
# --- a parameter that hides an import
import json

def f(json):
    return json + 1

class U(Base):
    def body(self):
        out(f(1))
# --- a variable that hides a module of the expressions
math = {"pi": 3}
out(math["pi"])

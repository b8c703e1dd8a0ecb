# --- finally after a return
def f():
    try:
        return "try"
    finally:
        SEEN.append("finally")

SEEN = []

class U(Base):
    def body(self):
        out(f())
        out(SEEN)
# --- a return within finally wins
def f():
    try:
        return "try"
    finally:
        return "finally"

class U(Base):
    def body(self):
        out(f())
# --- a return within finally swallows the exception
def f():
    try:
        raise ValueError("x")
    finally:
        return "finally"

class U(Base):
    def body(self):
        out(f())
# --- the value of a return is computed before finally
def f():
    x = 1
    try:
        return x
    finally:
        x = 2

class U(Base):
    def body(self):
        out(f())
# --- finally within a loop with continue and break
for i in range(4):
    try:
        if i == 1:
            continue
        if i == 3:
            break
        out(f"body {i}")
    finally:
        out(f"finally {i}")
out("end")
# --- break in finally swallows the exception
for i in range(3):
    try:
        raise ValueError(i)
    finally:
        out(i)
        break
out("after")
# --- continue in finally swallows the return
def f():
    for i in range(3):
        try:
            return i
        finally:
            if i < 2:
                continue
    return "end"

class U(Base):
    def body(self):
        out(f())
# --- an exception in finally takes the place of another
try:
    try:
        raise ValueError("first")
    finally:
        raise KeyError("second")
except Exception as error:
    out(repr(error))
# --- an exception in except
try:
    try:
        raise ValueError("first")
    except ValueError:
        raise KeyError("second")
    finally:
        out("finally")
except LookupError as error:
    out(repr(error))
# --- raise again
try:
    try:
        raise ValueError("x")
    except ValueError:
        out("seen")
        raise
except Exception as error:
    out(repr(error))
# --- raise again after another exception was caught within
try:
    try:
        raise ValueError("x")
    except ValueError:
        try:
            raise KeyError("y")
        except KeyError:
            pass
        raise
except Exception as error:
    out(repr(error))
# --- raise again in a function that the handler calls
def again():
    raise

class U(Base):
    def body(self):
        try:
            try:
                raise ValueError("x")
            except ValueError:
                again()
        except Exception as error:
            out(repr(error))
# --- raise without an exception
try:
    raise
except RuntimeError as error:
    out(str(error))
# --- raise from
try:
    try:
        raise ValueError("x")
    except ValueError as error:
        raise Own("y") from error
except Own as error:
    out(str(error))
# --- else of try
for i in range(2):
    try:
        if i:
            raise ValueError()
    except ValueError:
        out("except")
    else:
        out("else")
    finally:
        out("finally")
# --- an exception in else is not caught by its own try
try:
    try:
        pass
    except ValueError:
        out("wrong")
    else:
        raise ValueError("x")
except ValueError as error:
    out(str(error))
# --- the first handler that fits
try:
    [][1]
except LookupError:
    out("lookup")
except IndexError:
    out("index")
# --- kinds of exceptions (refused)
for k in range(8):
    try:
        if k == 0:
            {}["x"]
        if k == 1:
            [][0]
        if k == 2:
            int("x")
        if k == 3:
            1 / (k - 3)
        if k == 4:
            "a" + k
        if k == 5:
            raise Further("f")
        if k == 6:
            assert k == 5, "six"
        if k == 7:
            None.x
    except (KeyError, IndexError) as error:
        out("lookup " + str(error))
    except ValueError as error:
        out("value " + str(error))
    except ArithmeticError as error:
        out("arithmetic " + str(error))
    except (TypeError, AttributeError):
        out("type")
    except Own as error:
        out("own " + str(error))
    except AssertionError as error:
        out("assert " + str(error))
# --- a bare except
try:
    raise Further("x")
except:
    out("bare")
# --- exceptions of the file by their bases (refused)
try:
    raise Further("a", 1)
except Own as error:
    out([str(error), repr(error), list(error.args)])
# --- an exception that is a class
try:
    raise Own
except Own as error:
    out([str(error), repr(error)])
# --- an exception with a message of its own (refused)
class Special(Exception):
    def __init__(self, code):
        self.code = code
        super().__init__(f"code {code}")

class U(Base):
    def body(self):
        try:
            raise Special(5)
        except Special as error:
            out([str(error), error.code])
# --- an exception kept in a variable
kept = None
try:
    raise ValueError("x")
except ValueError as error:
    kept = error
out(str(kept))
# --- while with else
n = 0
while n < 3:
    n += 1
else:
    out("else")
while True:
    break
else:
    out("never")
out(n)
# --- for with else
for i in [1, 2]:
    if i == 3:
        break
else:
    out("else")
for i in [1, 2]:
    if i == 2:
        break
else:
    out("never")
# --- nested loops with break
for i in range(3):
    for j in range(3):
        if j == 1:
            break
        out([i, j])
    else:
        out("never")
# --- a loop over what is given a new value
items = [1, 2, 3]
for item in items:
    items = items + [item * 10]
    out(item)
out(items)
# --- a loop over a list that grows (refused)
items = [1, 2, 3]
for item in items:
    if len(items) < 6:
        items.append(item)
    out(item)
# --- a loop over a list that grows by a method (refused)
class U(Base):
    def grow(self):
        self.items.append(0)

    def body(self):
        self.items = [1, 2]
        for item in self.items:
            if len(self.items) < 5:
                self.grow()
            out(item)
# --- a loop over a list of the file that grows in a function (refused)
ITEMS = [1, 2]

def grow():
    if len(ITEMS) < 5:
        ITEMS.append(0)

class U(Base):
    def body(self):
        for item in ITEMS:
            grow()
            out(item)
# --- a loop over a list of the file that shrinks (refused)
ITEMS = [1, 2, 3, 4]

class U(Base):
    def body(self):
        for item in ITEMS:
            out(item)
            ITEMS.pop()
# --- a loop over a dict that changes (refused)
d = {"a": 1}
try:
    for key in d:
        d["b"] = 2
except RuntimeError as error:
    out(str(error))
# --- a loop over the items of a dict that changes (refused)
d = {"a": 1}
try:
    for key, value in d.items():
        d["b"] = 2
except RuntimeError as error:
    out(str(error))
# --- a comprehension over a list that it changes (refused)
items = [1, 2, 3]
out([items.pop() for item in items])
# --- return from a loop within with
class U(Base):
    def f(self):
        for i in range(3):
            with self.client.get("/x", catch_response=True) as response:
                if i == 1:
                    return i
        return "end"

    def body(self):
        out(self.f())
# --- return in a nested try
def f(x):
    try:
        try:
            if x == 1:
                return "one"
            if x == 2:
                raise ValueError
        finally:
            SEEN.append(x)
        return "none"
    except ValueError:
        return "value"
    finally:
        SEEN.append("end")

SEEN = []

class U(Base):
    def body(self):
        out([f(1), f(2), f(3)])
        out(SEEN)
# --- a function without a return gives None
def f(x):
    if x:
        return 1

class U(Base):
    def body(self):
        out([f(True), f(False)])
# --- a function that falls through after a loop
def find(items, wanted):
    for place, item in enumerate(items):
        if item == wanted:
            return place
    return -1

class U(Base):
    def body(self):
        out([find([1, 2, 3], 2), find([], 1)])
# --- the result of a call before is not the result of the next
def f(x):
    if x > 1:
        return x

class U(Base):
    def body(self):
        for i in [2, 1, 3, 0]:
            r = f(i)
            out(r)
# --- conditional expressions with calls
SEEN = []

def note(x):
    SEEN.append(x)
    return x

class U(Base):
    def body(self):
        out(note(1) if note(0) else note(2))
        out(note(0) and note(3))
        out(note(0) or note(3))
        out(note(1) and note(0) or note(4))
        out(not note(5))
        out(SEEN)
# --- comparisons with calls stop early (refused)
SEEN = []

def note(x):
    SEEN.append(x)
    return x

class U(Base):
    def body(self):
        out(note(3) < note(2) < note(1))
        out(SEEN)
        out(note(1) < note(2) < note(3))
        out(SEEN)
# --- elif with calls
SEEN = []

def note(x):
    SEEN.append(x)
    return x

class U(Base):
    def body(self):
        for i in range(4):
            if note(i) == 0:
                out("zero")
            elif note(i + 10) == 11:
                out("one")
            elif note(i + 20) == 22:
                out("two")
            else:
                out("many")
        out(SEEN)
# --- while with a call
SEEN = []

def note(x):
    SEEN.append(x)
    return x

class U(Base):
    def body(self):
        n = 0
        while note(n) < 3:
            n += 1
            if n == 2:
                continue
            out(n)
        out(SEEN)
# --- assert with a call
SEEN = []

def note(x):
    SEEN.append(x)
    return x

class U(Base):
    def body(self):
        assert note(1), note("never")
        try:
            assert note(0), note("told")
        except AssertionError as error:
            out(str(error))
        out(SEEN)
# --- a message of an assertion that is no text
try:
    assert False, [1, 2]
except AssertionError as error:
    out(str(error))
try:
    assert False
except AssertionError as error:
    out(str(error))
# --- pass and literal statements
pass
...
1
"x"
out("end")
# --- exceptions leave loops and calls
def f(x):
    for i in range(5):
        if i == x:
            raise Own(i)
        SEEN.append(i)

SEEN = []

class U(Base):
    def body(self):
        for x in [1, 2]:
            try:
                f(x)
            except Own as error:
                out(str(error))
        out(SEEN)
# --- an exception in the middle of an unpacking
a, b = 1, 2
try:
    a, b = [5]
except ValueError:
    out([a, b])
try:
    a, b = 5
except TypeError:
    out([a, b])
# --- an exception in the middle of an assignment
x = 1
try:
    x = [1, 2][5]
except IndexError:
    pass
out(x)
# --- an exception in the arguments of a request
try:
    self.client.post("/", json={}["x"])
except KeyError as error:
    out(str(error))
# --- an uncaught exception
out(1)
raise Further("end")
# --- an uncaught exception of Python's
out(1)
out([][1])
# --- exit early
out(1)
if True:
    return
out(2)
# --- StopIteration of next
try:
    next(x for x in [])
except StopIteration:
    out("stop")
# --- catch what is not raised
try:
    out(1)
except KeyError:
    out(2)
out(3)
# --- an exception name that a variable hides (refused)
KeyError = ValueError
try:
    raise ValueError("x")
except KeyError:
    out("caught")

# --- a class attribute and that of the object
class U(Base):
    n = 1

    def body(self):
        out(self.n)
        self.n += 1
        out(self.n)
        self.n = self.n * 5
        out(self.n)
# --- changing the class itself (refused)
class U(Base):
    n = 1

    def body(self):
        U.n = 5
        out(self.n)
# --- reading the class itself (refused)
class U(Base):
    n = 1

    def body(self):
        self.n = 2
        out([U.n, self.n])
# --- reading by the type (refused)
class U(Base):
    n = 1

    def body(self):
        self.n = 2
        out([type(self).n, self.__class__.n])
# --- an attribute that a base class gives
class A(Base):
    abstract = True
    a = 1
    b = 2

class U(A):
    b = 3

    def body(self):
        out([self.a, self.b])
# --- a class attribute of another class attribute
class U(Base):
    a = 2
    b = a * 3
    c = [a, b]

    def body(self):
        self.a = 7
        out([self.a, self.b, self.c])
# --- a class attribute given twice
class U(Base):
    a = 1
    b = a
    a = 2

    def body(self):
        out([self.a, self.b])
# --- super
class A(Base):
    abstract = True

    def f(self, x):
        return x + 1

class U(A):
    def f(self, x):
        return super().f(x) * 10

    def body(self):
        out(self.f(1))
# --- super through three classes
class A(Base):
    abstract = True

    def f(self):
        return ["A"]

class B(A):
    abstract = True

    def f(self):
        return super().f() + ["B"]

class U(B):
    def f(self):
        return super().f() + ["U"]

    def body(self):
        out(self.f())
# --- mixins in Python's order
class M:
    def f(self):
        return ["M"] + super().f()

class N:
    def f(self):
        return ["N"]

class U(M, N, Base):
    def f(self):
        return ["U"] + super().f()

    def body(self):
        out(self.f())
# --- a diamond
class A(Base):
    abstract = True

    def f(self):
        return ["A"]

class B(A):
    abstract = True

    def f(self):
        return ["B"] + super().f()

class C(A):
    abstract = True

    def f(self):
        return ["C"] + super().f()

class U(B, C):
    def f(self):
        return ["U"] + super().f()

    def body(self):
        out(self.f())
# --- a method of a base class calls one of the derived
class A(Base):
    abstract = True

    def name(self):
        return "A"

    def hello(self):
        return "hello " + self.name()

class U(A):
    def name(self):
        return "U"

    def body(self):
        out(self.hello())
# --- an attribute of the object that hides a method
class U(Base):
    def f(self):
        return 1

    def body(self):
        out(self.f())
        self.f = 5
        out(self.f)
# --- static methods (refused)
class U(Base):
    @staticmethod
    def f(x):
        return x + 1

    def body(self):
        out([self.f(1), U.f(2)])
# --- class methods (refused)
class U(Base):
    n = 3

    @classmethod
    def f(cls, x):
        return x + cls.n

    def body(self):
        out(self.f(1))
# --- properties (refused)
class U(Base):
    n = 3

    @property
    def double(self):
        return self.n * 2

    def body(self):
        self.n = 5
        out(self.double)
# --- an attribute before it has a value
class U(Base):
    def body(self):
        try:
            out(self.x)
        except AttributeError as error:
            out("none")
        self.x = 1
        out(self.x)
# --- a deleted attribute shows that of the class
class U(Base):
    x = 1

    def body(self):
        self.x = 2
        del self.x
        out(self.x)
# --- a deleted attribute is gone
class U(Base):
    def body(self):
        self.x = 2
        del self.x
        try:
            out(self.x)
        except AttributeError:
            out("gone")
# --- a default list of a parameter (refused)
def f(x, acc=[]):
    acc.append(x)
    return acc

class U(Base):
    def body(self):
        out(f(1))
        out(f(2))
# --- a default list of a parameter that is not changed
def f(x, acc=[0]):
    acc = acc + [x]
    return acc

class U(Base):
    def body(self):
        out(f(1))
        out(f(2))
# --- self under another name
class U(Base):
    def body(me):
        me.x = 1
        you = me
        you.x += 1
        me.client.post("/", json=[me.x, you.x])
# --- self given to a function
def set_x(user, value):
    user.x = value
    return user.x + 1

class U(Base):
    def body(self):
        out(set_x(self, 5))
        out(self.x)
# --- hasattr and getattr (refused)
class U(Base):
    a = 1

    def body(self):
        out([hasattr(self, "a"), hasattr(self, "b"), getattr(self, "b", 3)])
# --- isinstance of what the file has (refused)
class U(Base):
    def body(self):
        out([isinstance(self, U), isinstance(Own("x"), Exception)])
# --- a class with values only
class Config:
    URL = "/a"
    LIMIT = 3

class U(Base):
    def body(self):
        out([Config.URL, Config.LIMIT])
# --- __init__ of the user
class U(Base):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.x = 5

    def body(self):
        out(self.x)
# --- truth of self (refused)
class U(Base):
    def body(self):
        if self:
            out("yes")
# --- nested functions (refused)
def body(self):
    pass

class U(Base):
    def body(self):
        n = 1
        def add(x):
            return x + n
        n = 10
        out(add(1))
# --- a lambda in a variable (refused)
f = lambda x: x + n
n = 5
out(f(1))
# --- two methods of the same name
class U(Base):
    def f(self):
        return 1

    def f(self):
        return 2

    def body(self):
        out(self.f())
# --- a method and then a value of the same name
class U(Base):
    def f(self):
        return 1

    f = 3

    def body(self):
        out(self.f)
# --- docstrings and annotations
x: int = 5
y: "list[int]" = [1]
"a text"
out([x, y])
# --- attributes by augmented operators
class U(Base):
    x = 2

    def body(self):
        self.x **= 3
        self.x -= 1
        self.x //= 2
        self.x %= 2
        self.y = "a"
        self.y += "b"
        self.y *= 2
        out([self.x, self.y])
# --- an attribute with an underscore pair
class U(Base):
    def body(self):
        self.__x = 1
        out(self.__x)
# --- an attribute of a base class read in its own method with mangled name (refused)
class A(Base):
    abstract = True
    __x = 1
    def get(self):
        return self.__x

class U(A):
    __x = 2
    def body(self):
        out([self.get(), self.__x])

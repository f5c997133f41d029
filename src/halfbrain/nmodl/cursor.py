"""A place in a list of tokens, and the expressions that can be read from there."""

from __future__ import annotations

import math

from halfbrain.errors import ModelError
from halfbrain.nmodl.tokens import Token
from halfbrain.nmodl.tree import Binary, Call, Expression, Number, Text, Unary, Variable

DEEPEST = 60  # nested parentheses and blocks
_LONGEST_CHAIN = 200  # terms of one sum or product
_LONGEST_UNIT = 24  # tokens

# From loosest to tightest; "^" binds tighter than a sign before it, so -K^n is -(K^n).
_LEVELS = (
    ("||",),
    ("&&",),
    (">", ">=", "<", "<=", "==", "!="),
    ("+", "-"),
    ("*", "/", "%"),
)


class Cursor:
    """Reads tokens one by one."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.defined: dict[str, int] = {}

    @property
    def token(self) -> Token:
        """The token to be read next."""
        return self.tokens[self.at]

    def ahead(self, by: int = 1) -> Token:
        """A token further on."""
        return self.tokens[min(self.at + by, len(self.tokens) - 1)]

    def fail(self, reason: str, token: Token | None = None) -> ModelError:
        """The error that ``reason`` makes here."""
        return ModelError(f"{(token or self.token).place}: {reason}")

    def take(self) -> Token:
        """Read a token, whatever it is."""
        token = self.token
        if token.kind != "end":
            self.at += 1
        return token

    def maybe(self, text: str) -> bool:
        """Read this word or sign if it comes next."""
        found = self.token.text == text and self.token.kind in ("name", "operator")
        if found:
            self.at += 1
        return found

    def expect(self, text: str, where: str) -> Token:
        """Read this word or sign."""
        token = self.token
        if not self.maybe(text):
            raise self.fail(f"{where} needs {text!r} here, not {token.text[:40]!r}")
        return token

    def name(self, what: str) -> str:
        """Read a name."""
        if self.token.kind != "name":
            raise self.fail(f"{what} is wanted here, not {self.token.text[:40]!r}")
        return self.take().text

    def names(self, what: str) -> list[str]:
        """Read names with commas between them."""
        found = [self.name(what)]
        while self.maybe(","):
            found.append(self.name(what))
        return found

    def number(self, what: str) -> float:
        """Read a number, with its sign, or the name of one that DEFINE gave."""
        negative = self.maybe("-")
        if not negative:
            self.maybe("+")
        if self.token.kind == "name" and self.token.text in self.defined:
            value = float(self.defined[self.take().text])
        elif self.token.kind == "number":
            value = self.finite(self.take())
        else:
            raise self.fail(f"{what} needs a number here, not {self.token.text[:40]!r}")
        return -value if negative else value

    def finite(self, token: Token) -> float:
        """A number token's value."""
        value = float(token.text)
        if math.isinf(value):
            raise self.fail(f"{token.text[:40]} is too large", token)
        return value

    def unit(self, signs: str = "/*-^.") -> str:
        """Read a unit in parentheses, if one comes next."""
        if self.token.text != "(" or self.token.kind != "operator":
            return ""
        start = self.take()
        words: list[str] = []
        while not self.maybe(")"):
            fits = self.token.kind in ("name", "number") or self.token.text in signs
            if not fits or len(words) > _LONGEST_UNIT:
                raise self.fail("this is no unit; an operator is missing before it, or ')'", start)
            words.append(self.take().text)
        return " ".join(words).replace(" / ", "/").replace("/ ", "/").replace(" /", "/")

    def deeper(self) -> None:
        """Count a level of nesting; :meth:`shallower` ends it."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fail(f"nested over {DEEPEST} levels deep; take it apart")

    def shallower(self) -> None:
        """End a level of nesting."""
        self.depth -= 1

    def expression(self, level: int = 0) -> Expression:
        """Read an expression."""
        if level == len(_LEVELS):
            return self._signed()
        left = self.expression(level + 1)
        count = 0
        while self.token.kind == "operator" and self.token.text in _LEVELS[level]:
            token = self.take()
            count += 1
            if count > _LONGEST_CHAIN:
                raise self.fail(f"over {_LONGEST_CHAIN} terms in a row; take them apart", token)
            left = Binary(token.text, left, self.expression(level + 1), token.place)
        return left

    def _signed(self) -> Expression:
        if self.token.kind == "operator" and self.token.text in ("-", "+", "!"):
            sign = self.take().text
            self.deeper()
            operand = self._signed()
            self.shallower()
            return operand if sign == "+" else Unary(sign, operand)
        base = self._primary()
        if self.token.text == "^" and self.token.kind == "operator":
            token = self.take()
            self.deeper()
            exponent = self._signed()
            self.shallower()
            return Binary("^", base, exponent, token.place)
        return base

    def _primary(self) -> Expression:
        token = self.take()
        if token.kind == "number":
            self.unit()
            return Number(self.finite(token))
        if token.kind == "text":
            return Text(token.text)
        if token.kind == "name":
            if token.text in self.defined:
                return Number(float(self.defined[token.text]))
            if self.token.text == "(":
                return Call(token.text, self.arguments(), token.place)
            read = Variable(token.text, self.index(), token.place)
            if self.token.text == "'":
                raise self.fail(
                    f"the rate {token.text}' in an expression is not read; write it out"
                )
            return read
        if token.text == "(":
            self.deeper()
            inner = self.expression()
            self.shallower()
            self.expect(")", "a parenthesis")
            return inner
        raise self.fail(f"an expression is wanted here, not {token.text[:40]!r}", token)

    def arguments(self) -> tuple[Expression, ...]:
        """Read arguments in parentheses."""
        self.expect("(", "a call")
        self.deeper()
        found: list[Expression] = []
        while not self.maybe(")"):
            if found:
                self.maybe(",")
            found.append(self.expression())
        self.shallower()
        return tuple(found)

    def index(self) -> Expression | None:
        """Read an index in brackets, if one comes next."""
        if not self.maybe("["):
            return None
        self.deeper()
        index = self.expression()
        self.shallower()
        self.expect("]", "an index")
        return index

    def variable(self, what: str) -> Variable:
        """Read a variable, with an index perhaps."""
        place = self.token.place
        return Variable(self.name(what), self.index(), place)

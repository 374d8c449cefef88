"""Texts made to cost a Markdown parser more than their length (STACK §6, TRUST §0.9)."""

ORDINARY = """Has anyone got an insurer to count this as **physical therapy**? It _helps_.

> Pressure is slow and held, not kneaded.

Too simple, @heron: see Post 3 and https://example.org/a/b?c=d&e=f for more.

- take blood thinners
- have a fever

1. First `code`
2. Then [a link](https://example.org/x)

"""
SIZE = 20_000

WORDS = """\
[ ] [] [a]( [a](b [a](b) [a]: ![ ![[ ![[]() [[]() []( [a](<b <a <a: <http://a.b>
<mailto:a@b.c> < <div> </div> <!-- <![CDATA[ <? & &amp; &#x202e; &# ` `a` ``a` * *a _ __a
_a a_ a* *a_ *_ **_ *a* **a** ***a*** \\ \\* - + > # #1 @a @ @a. @a@ http:// http://a.b
http://a.b/( www.a www.a.b a. a- ( ) " ' ~ ~~~ | : { } = % ! \u200b \u202e \ud800 \x00 \u0301
a\u0301\u0316 \U0001f468\u200d"""
UNITS = [
    *WORDS.split(),
    *("*a **a ", "*a* ", "> ", ">\n", "> a\n", "> - ", "- > ", ">- a\n", "- ", "- a\n"),
    *(
        "- a\n\n",
        "- a\n  - b\n",
        "- - - - a\n",
        "+ - + - a\n",
        "- - - - a\n+ b\n",
        "1. ",
    ),
    *("1. a\n", "1. 1. 1. a\n", "\n", "\n\n\u0301", "a\n", "a\n\n", " ", "\t", "a  \n"),
    *(
        "\\\n",
        "# a\n",
        "===\n",
        "---\n",
        "```\n",
        "|a|\n",
        "[a]: b\n",
        "[a](http://b.c) ",
    ),
    *("http://a.b ", "www.a\t", "Post 1 ", "@A B ", "<a href='", '[a](b "', "a@b.cd "),
]
SHAPES = {repr(unit): unit * (SIZE // len(unit) + 1) for unit in UNITS} | {
    "closed emphasis": "*a " * 3000 + "a* " * 3000,
    "closed emphasis, tight": "*a" * 5000 + "a*" * 5000,
    "two kinds of emphasis": "*a_b " * 2000 + "b_a* " * 2000,
    "long runs of stars": "*" * 9999 + "a" + "*" * 9999,
    "closed brackets": "[" * 9999 + "]" * 9999,
    "closed links": "[" * 3000 + "a" + "](b)" * 3000,
    "closed pictures": "![" * 1500 + "a" + "](http://b)" * 1500,
    "few brackets, many marks": "![(" * 17 + "#" * SIZE,
    "few brackets, long address": "-[```![" * 14 + "](" * 12 + "\u0301" * SIZE,
    "brackets before words": "[" * 150 + "word " * 4000,
    "rising ticks": " ".join("`" * length for length in range(1, 200)),
    "deep list": "\n".join("  " * depth + "- a" for depth in range(140)),
    "deep quote": "\n".join(">" * depth + " a" for depth in range(200)),
    "wide quote": (">" * 17 + "a\n") * 1000,
    "lazy quote": "> a\n" + "b\n" * 9000,
    "fence and spaces": "```" + " " * SIZE,
    "fences in a list": "- ```\n" * 3000,
    "long address": "http://a.b/" + "a" * SIZE,
    "long host": "http://" + "a-" * 9999,
    "address in parentheses": "(" * 9999 + "http://a.b" + ")" * 9999,
    "address and dots": "http://a.b/" + "." * SIZE,
    "long autolink": "<http://" + "a" * SIZE,
    "long mail name": "<" + "a" * SIZE + "@b.c>",
    "many mail labels": "<a@" + "b." * 9999 + ">",
}

import { describe, expect, test } from "vitest";
import { choiceLines } from "../../../src/ui/choice-lines.ts";
import { wrapped } from "../../../src/ui/wrapped.ts";

describe("text on a terminal", () => {
  test("breaks between words, never within one", () => {
    expect(wrapped("one two three", 7)).toBe("one two\nthree");
    expect(wrapped("a https://a-very-long.example/path b", 10)).toBe("a\nhttps://a-very-long.example/path\nb");
  });

  test("goes on deeper than it starts", () => {
    expect(wrapped("  one two three", 9, 2)).toBe("  one two\n    three");
  });

  test("gives colours no room", () => {
    const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
    const line = `one ${red("two")} ${red("six")}`;
    expect(wrapped(line, 11)).toBe(line);
    expect(wrapped(line, 10)).toBe(`one ${red("two")}\n${red("six")}`);
  });

  test("keeps lines that fit as they are, columns and empty lines included", () => {
    const table = "  registry.host   r.example\n\n  profile         small";
    expect(wrapped(table, 40, 2)).toBe(table);
  });

  test("no line of any width is longer than it may be, but for a single long word", () => {
    const text = "  the registry: the name of r.example does not resolve. Try from this machine: curl -v https://HOST/v2/";
    for (let width = 1; width < 120; width++)
      for (const line of wrapped(text, width, 2).split("\n"))
        expect(line.length <= width || !line.trim().includes(" "), `${width}: ${line}`).toBe(true);
    expect(wrapped(text, 30, 2).replaceAll(/\s+/g, " ")).toBe(` ${text.trim()}`);
  });
});

describe("the choices of a list", () => {
  const choices = [
    { value: 1, name: "one" },
    { value: 2, name: "three with Sentinel", description: "another takes over; 0.35 CPU, 0.7 GiB memory, 20 GiB storage more" },
    { value: 3, name: "x".repeat(60), description: "the current context" },
  ];

  test("stand in two columns, with descriptions wrapped within theirs", () => {
    expect(choiceLines(choices.slice(0, 2), 79)).toEqual([
      "one",
      `three with Sentinel  another takes over; 0.35 CPU, 0.7 GiB memory, 20 GiB\n${" ".repeat(23)}storage more`,
    ]);
  });

  test("are not pushed to the right by one very long name", () => {
    const [, second = "", third = ""] = choiceLines(choices, 119);
    expect(second.indexOf("another")).toBe("three with Sentinel".length + 2);
    expect(third).toBe(`${"x".repeat(60)}  the current context`);
  });
});

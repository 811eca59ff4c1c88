import {
  comparisonWords,
  factWords,
  groupWords,
  kpiWords,
  measureWords,
  messageWords,
  quantifierWords,
  testOfTwo,
  testsOfNone,
  testsOfOne,
  testsOfSeveral,
  unitWords,
} from './condition-words.ts';

/** The names of a table, each by its words; more words first, since `is` would do for `is not` as well. */
function oneOf(table: Readonly<Record<string, string>>): string {
  const byWords = Object.entries(table).sort(([, a], [, b]) => b.split(' ').length - a.split(' ').length);
  return byWords.map(([name, words]) => `'${words}' { return "${name}"; }`).join(' / ');
}

function unit(...names: (keyof typeof unitWords)[]): string {
  return names.map((name) => `('${unitWords[name]}s' / '${unitWords[name]}') { return "${name}"; }`).join(' / ');
}

/**
 * Words of the language stand in single quotes, several of them with one blank: `'count of'`. Everything else is Peggy's
 * own notation. No rule starts over with what may be long, so the time is linear in the length of the text.
 */
const notation = String.raw`
{{
  function given(members) {
    return Object.fromEntries(Object.entries(members).filter(([, member]) => member !== null));
  }
}}
{
  let depth = 0;
  function enter() {
    depth += 1;
    if (depth > options.deepest) error("Expected at most " + options.deepest + " brackets and nots open at once.");
    return true;
  }
  function leave() {
    depth -= 1;
    return true;
  }
}

text = _ @tree

tree = first:part rest:(ands / ors)? { return rest ? { [rest.of]: [first, ...rest.parts] } : first; }
ands = parts:('and' @part)+ { return { of: "all", parts }; }
ors = parts:('or' @part)+ { return { of: "any", parts }; }

part
  = 'not' enter not:part leave { return { not }; }
  / 'all of' open first:part rest:('and' @part)* close { return { all: [first, ...rest] }; }
  / 'any of' open first:part rest:('or' @part)* close { return { any: [first, ...rest] }; }
  / quantifier:quantifier of:group open condition:tree close { return { members: { of, quantifier, condition } }; }
  / open @tree close
  / leaf

leaf
  = 'everyone' { return { everyone: true }; }
  / identity:identity { return { identity }; }
  / loyalty:loyalty { return { loyalty }; }
  / kpi:kpi currency:('in' @name)? test:number { return { kpi: given({ kpi, currency, ...test }) }; }
  / 'lifecycle' lifecycle:lifecycle { return { lifecycle }; }
  / 'consent to' purpose:name channel:('on' @name)? 'is' status:capitals
    { return { consent: given({ purpose, channel: channel && channel.toUpperCase(), status }) }; }
  / 'lives' place:place { return { place }; }
  / 'in buckets from' from:integer 'to below' to:integer 'of seed' seed:name { return { bucket: { seed, from, to } }; }
  / 'in segment' id:segment { return { segment: { id } }; }
  / 'on list' id:segment { return { list: { id } }; }
  / 'count of messages' message:message { return { message }; }
  / 'count of the same' property:name 'in' match:match window:window count:number
    { return { keyed: { match, property, count, window } }; }
  / 'count of' match:match window:window count:number { return { event: { match, count, window } }; }
  / 'first' match:match window:window { return { first: { match, window } }; }
  / 'stopped' match:match 'for' none:duration { return { stopped: { match, none } }; }
  / 'restarted' match:match 'in the last' within:duration 'after a pause of' pause:duration
    { return { restarted: { match, pause, within } }; }
  / 'regularly' match:match 'in at least' atLeast:integer 'of the last' periods:integer unit:periodUnit
    { return { regular: { match, unit, periods, atLeast } }; }
  / sequence:sequence { return { sequence }; }
  / total:total { return { total }; }
  / 'of the last' match:match window:window comma has:property { return { last: { match, has, window } }; }
  / fact:fact currency:('in' @name)? test:number { return { fact: given({ fact, currency, ...test }) }; }
  / trait:name @(
      'has been' value:value 'for' length:held { return { traitHeld: { trait, value, ...length } }; }
      / test:date { return { date: { trait, ...test } }; }
      / test:test { return { trait: { trait, ...test } }; }
    )

identity
  = 'is identified' { return { identified: true }; }
  / 'carries verified' verified:name { return { verified }; }
  / 'carries' carries:name { return { carries }; }
  / 'has a record from' recordFrom:name { return { recordFrom }; }
  / 'was merged in the last' mergedWithin:duration { return { mergedWithin }; }

loyalty
  = 'is member of' program:memberOf { return given({ program, member: true }); }
  / 'has been member of' program:memberOf 'for at least' memberFor:duration { return given({ program, memberFor }); }
  / 'loyalty tier of' program:program 'is' tiers:names { return { program, tiers }; }
  / 'loyalty balance of' wallet:name 'in' program:program expiringWithin:('that expires within' @duration)? test:number
    { return { program, points: given({ wallet, expiringWithin, ...test }) }; }
memberOf = 'any loyalty program' { return null; } / 'loyalty program' @program

lifecycle
  = 'stage is' stages:capitals { return { stages }; }
  / 'stage has been' stages:capitals 'for at least' inStageFor:duration { return { stages, inStageFor }; }
  / 'risk is' riskBands:capitals { return { riskBands }; }
  / 'rfm segment is' rfmSegments:names { return { rfmSegments }; }
  / 'abc class is' abcClasses:names { return { abcClasses }; }

place
  = countries:('in country' @names)? regions:('in region' @names)? cities:('in city' @names)?
    postalCodes:('in postal code' @names)? near:('within' @near)?
    { return given({ countries, regions, cities, postalCodes, near }); }
near = kilometres:json 'km of' latitude:json comma longitude:json { return { latitude, longitude, kilometres }; }

message
  = what:(${oneOf(messageWords)}) channels:channels? campaigns:campaigns? window:window count:number
    { return given({ what, channels, campaigns, count, window }); }

sequence
  = 'after' first:match window:window 'came' no:'no'? followedBy:match 'within' within:duration same:('with the same' @name)?
    { return given({ first, followedBy, within, missing: no !== null, same, window }); }

total
  = measure:(${oneOf(measureWords)}) property:name 'over' match:match window:window test:number
    { return { match, measure, property, ...test, window }; }
  / 'net revenue in' currency:name match:qualifiers window:window test:number
    { return { match, measure: "NET_REVENUE", currency, ...test, window }; }

fact = ${oneOf(factWords)}
kpi = ${oneOf(kpiWords)}
quantifier = ${oneOf(quantifierWords)}
group = ${oneOf(groupWords)}

held
  = 'at least' atLeast:duration lessThan:('and less than' @duration)? { return given({ atLeast, lessThan }); }
  / 'less than' lessThan:duration { return { lessThan }; }

date
  = 'is before' before:instant { return { before }; }
  / 'is after' after:instant { return { after }; }
  / 'is within the last' withinLast:duration { return { withinLast }; }
  / 'is within the next' withinNext:duration { return { withinNext }; }
  / 'is older than' olderThan:duration { return { olderThan }; }
  / 'has its anniversary within' anniversaryWithinDays:integer ('days' / 'day') { return { anniversaryWithinDays }; }

match
  = 'any touchpoint' @qualifiers
  / types:names match:qualifiers { return { types, ...match }; }
qualifiers
  = channels:channels? directions:('direction' @capitals)? sources:('from source' @names)? campaigns:campaigns?
    where:('where' @properties)?
    { return given({ channels, directions, sources, campaigns, where }); }
channels = 'on' @capitals
campaigns = 'of campaign' @names
capitals = names:names { return names.map((name) => name.toUpperCase()); }
properties = open first:property rest:('and' @property)* close { return [first, ...rest]; } / property:property { return [property]; }
property = property:name test:test { return { property, ...test }; }

test
  = operator:(${oneOf(testsOfNone)}) { return { operator }; }
  / operator:(${oneOf(testsOfSeveral)}) values:values { return { operator, values }; }
  / '${testOfTwo}' from:value 'and' to:value { return { operator: "BETWEEN", values: [from, to] }; }
  / operator:(${oneOf(testsOfOne)}) value:value { return { operator, value }; }

number
  = '${testOfTwo}' value:decimal 'and' to:decimal { return { comparison: "BETWEEN", value, to }; }
  / comparison:(${oneOf(comparisonWords)}) value:decimal { return { comparison, value }; }

window
  = 'ever' { return { ever: true }; }
  / 'in the last' last:duration { return { last }; }
  / 'between' from:duration 'and' to:duration 'ago' { return { between: { from, to } }; }
  / 'since the day' count:integer unit:calendarUnit 'back' { return { lastCalendar: { count, unit } }; }
  / 'today' { return { period: { unit: "DAY", ago: 0 } }; }
  / 'yesterday' { return { period: { unit: "DAY", ago: 1 } }; }
  / 'this' unit:periodUnit { return { period: { unit, ago: 0 } }; }
  / 'last' unit:periodUnit { return { period: { unit, ago: 1 } }; }
  / 'the' unit:periodUnit ago:integer again:periodUnit 'ago'
    { return unit === again ? { period: { unit, ago } } : error("Expected the same unit twice, as in \"the month 3 months ago\"."); }
  / 'from' from:instant to:('to' @instant)? { return { absolute: given({ from, to }) }; }
  / 'until' to:instant { return { absolute: { to } }; }

duration = count:integer unit:durationUnit { return { count, unit }; }
durationUnit = ${unit('MINUTE', 'HOUR', 'DAY', 'WEEK')}
calendarUnit = ${unit('DAY', 'WEEK', 'MONTH', 'YEAR')}
periodUnit = ${unit('DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR')}

names = first:name rest:(comma @name)* { return [first, ...rest]; }
values = first:value rest:(comma @value)* { return [first, ...rest]; }

name "a name"
  = bare:$([A-Za-z_] wordly*) &{ return !options.isReserved(bare); } _ { return bare; }
  / quoted:$string B { return JSON.parse(quoted); }
segment "the id of a segment" = text:$([a-z]+ "_" wordly+) _
  { return options.readSegment(text) ?? error("Expected the id of a segment, got " + text.slice(0, 80) + "."); }
program "the id of a loyalty program" = text:$([a-z]+ "_" wordly+) _
  { return options.readProgram(text) ?? error("Expected the id of a loyalty program, got " + text.slice(0, 80) + "."); }
integer "a whole number" = digits:$([0-9]+) B { return Number(digits); }
decimal "a number" = text:$("-"? [0-9]+ ("." [0-9]+)?) B { return text; }
instant "an instant such as 2026-01-31T00:00:00Z" = text:$([0-9] [0-9TZ:.+-]*) B { return text; }

value "a JSON value" = json
json = text:$jsonText B {
  const value = options.readJson(text);
  return value === undefined ? error("Expected a JSON value without numbers out of range and members __proto__.") : value;
}
jsonText = string / jsonNumber / "true" / "false" / "null"
  / "[" enter ws (jsonText ws ("," ws jsonText ws)*)? "]" leave
  / "{" enter ws (jsonMember ws ("," ws jsonMember ws)*)? "}" leave
jsonMember = string ws ":" ws jsonText
jsonNumber = "-"? ("0" / [1-9] [0-9]*) ("." [0-9]+)? ([eE] [+-]? [0-9]+)?
string = "\"" ([^"\\\x00-\x1f] / "\\" (["\\/bfnrt] / "u" hex hex hex hex))* "\""
hex = [0-9A-Fa-f]

enter = &{ return enter(); }
leave = &{ return leave(); }
open = "(" enter _
close = ")" leave _
comma = "," _
wordly = [A-Za-z0-9_.-]
/* The end of a word. */
B = !wordly _
_ "white space" = ws
ws = [ \t\r\n]*
`;

const phrases = /'([a-z ]+)'/g;

const words = new Set([...notation.matchAll(phrases)].flatMap(([, phrase]) => phrase!.split(' ')));

/** Each word as a rule with a name: where it is missing, it is what was expected, as a whole. */
const wordRules = [...words].map((word) => String.raw`word_${word} "\"${word}\"" = "${word}" B`);

/** The grammar in Peggy's notation. */
export const conditionGrammar = [
  notation.replaceAll(phrases, (_, phrase: string) => `(word_${phrase.replaceAll(' ', ' word_')})`),
  ...wordRules,
].join('\n');

/**
 * The words with which something begins. A name that is one of them stands in quotes; the others only ever follow one of
 * these, where no name is taken for them.
 */
export const reservedWords: ReadonlySet<string> = new Set(
  [...notation.matchAll(phrases)].map(([, phrase]) => phrase!.split(' ')[0]!),
);

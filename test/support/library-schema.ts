import {
  buildSchema,
  GraphQLEnumType,
  type GraphQLObjectType,
  type GraphQLScalarType,
  type GraphQLSchema,
} from 'graphql';

/** A schema with one of everything that GraphQL execution knows, for comparing two ways of executing. */
export const library: GraphQLSchema = buildSchema(`
  scalar Day
  scalar Any
  enum Color { RED BLUE }
  input One @oneOf { id: ID name: String }
  input Nested { color: Color = RED days: [Day!] }
  input Wish { text: String = "nothing" nested: Nested number: Int }
  interface Thing { id: ID! }
  union Find = Book | Author
  type Author implements Thing { id: ID! name: String! born: Day age: Int books: [Book!]! }
  type Book implements Thing {
    id: ID! title: String! pages: Int rating: Float author: Author shout: String slug: String
    fails: String failsLater: String failsForSome: String errorValue: String missing: String! badNumber: Int
  }
  type Shelf { books: [Book!] }
  type Taste { color: Color }
  type Query {
    book(id: ID!): Book
    books: [Book!]!
    holes: [Book]
    matrix: [[Int]]
    everything: [Thing!]!
    found: [Find!]!
    shelf: Shelf
    mustBe: Book!
    favourite: Taste!
    badColor: Color
    notAList: [Int]
    badType: Thing
    flaky: [String]
    flakyStrict: [String!]
    born(on: Day): Day
    strict(text: String!): String
    echo(text: String = "standard", number: Int, float: Float, flag: Boolean, day: Day, color: Color): Any
    echoList(values: [Int!] = [1]): Any
    echoInput(input: Wish): Any
    echoOne(input: One!): Any
  }
  type Mutation { touch: Boolean }
`);

class Book {
  readonly id: string;
  readonly title: string;
  readonly pages = 300;
  readonly rating = 4.5;
  readonly missing = null;
  readonly badNumber = 'many';

  constructor(id: string, title: string) {
    this.id = id;
    this.title = title;
  }

  get author() {
    return author;
  }
  get slug() {
    return this.title.toLowerCase();
  }
  shout() {
    return this.title.toUpperCase();
  }
  fails() {
    throw new TypeError('failed');
  }
  async failsLater() {
    throw new TypeError('failed later');
  }
  failsForSome() {
    if (this.id === '2') throw new TypeError('failed for 2');
    return 'fine';
  }
  errorValue() {
    return new TypeError('an error as a value');
  }
}

const books = [new Book('1', 'One'), new Book('2', 'Two')];
const author = { id: 'a1', name: 'Anna', born: new Date('1980-05-05'), age: async () => 45, books: async () => books };

const queries: Record<string, (args: Record<string, unknown>) => unknown> = {
  book: async ({ id }) => books.find((book) => book.id === id) ?? null,
  books: () => books,
  holes: () => [books[0], null, Promise.resolve(books[1])],
  matrix: () => [[1, 2], [], null, [null, 3]],
  everything: async () => [...books, author],
  found: () => [author, ...books],
  shelf: () => ({ books }),
  mustBe: () => books[0],
  favourite: () => ({ color: '#00f' }),
  badColor: () => 'GREEN',
  notAList: () => 5,
  badType: () => ({ id: 'x' }),
  flaky: () => ['fine', new Error('bad item'), Promise.reject(new Error('bad later')), 'fine too'],
  flakyStrict: () => ['fine', new Error('bad item')],
  born: ({ on }) => on,
  strict: ({ text }) => text,
  echo: described,
  echoList: described,
  echoInput: described,
  echoOne: described,
};

/** What the resolver got, members that were absent, and types, included. */
function described(args: Record<string, unknown>): unknown {
  return JSON.parse(
    JSON.stringify(args, (_key, value: unknown) => (value === undefined ? 'undefined' : value)),
  ) as unknown;
}

const day = library.getType('Day') as GraphQLScalarType;
day.parseValue = (value) => {
  const date = new Date(String(value));
  if (Number.isNaN(date.getTime())) throw new TypeError(`No day: ${String(value)}`);
  return date;
};
day.parseLiteral = (node) => day.parseValue('value' in node ? node.value : null);
day.serialize = (value) => {
  if (!(value instanceof Date)) throw new TypeError('No day.');
  return value.toISOString().slice(0, 10);
};

const color = library.getType('Color') as GraphQLEnumType;
Object.assign(
  color,
  new GraphQLEnumType({ name: 'Color', values: { RED: { value: '#f00' }, BLUE: { value: '#00f' } } }),
);

const fields = (library.getQueryType() as GraphQLObjectType).getFields();
for (const [name, resolve] of Object.entries(queries)) {
  fields[name]!.resolve = (_root, args: Record<string, unknown>) => resolve(args);
}
// As type-graphql does for methods. Fields that are plain values have no resolver at all.
for (const [type, names] of Object.entries({
  Book: ['fails', 'failsLater', 'failsForSome', 'errorValue', 'shout'],
  Author: ['age', 'books'],
})) {
  for (const name of names) {
    (library.getType(type) as GraphQLObjectType).getFields()[name]!.resolve = (source: Record<string, () => unknown>) =>
      source[name]!();
  }
}
for (const name of ['Thing', 'Find']) {
  const type = library.getType(name) as unknown as { resolveType: (value: unknown) => string | undefined };
  type.resolveType = (value) => (value instanceof Book ? 'Book' : value === author ? 'Author' : undefined);
}

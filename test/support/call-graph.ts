import { dirname, relative, resolve } from 'node:path';
import ts from 'typescript';

/** A function with a body: where a walk goes on. */
type Body = ts.Node;

/** Which functions of `src` may run when another does: by the types, every branch taken, without running anything. */
export class CallGraph {
  readonly #checker: ts.TypeChecker;
  readonly #sources: readonly ts.SourceFile[];
  readonly #called = new Map<Body, readonly Body[]>();

  constructor(root: string) {
    const { config } = ts.readConfigFile(resolve(root, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    const files = ts.sys.readDirectory(resolve(root, 'src'), ['.ts']);
    const program = ts.createProgram(files, options);
    this.#checker = program.getTypeChecker();
    this.#sources = program.getSourceFiles().filter(({ fileName }) => isOurs(root, fileName));
  }

  /** Methods with this decorator, by their name. */
  decorated(decorator: string): Map<string, Body> {
    const found = new Map<string, Body>();
    const visit = (node: ts.Node): void => {
      if (ts.isMethodDeclaration(node) && hasDecorator(node, decorator)) found.set(node.name.getText(), node);
      ts.forEachChild(node, visit);
    };
    for (const source of this.#sources) visit(source);
    return found;
  }

  /** Whether one of the functions with these names, declared in this file, can be reached. */
  reaches(from: Body, file: string, names: ReadonlySet<string>): boolean {
    const seen = new Set<Body>([from]);
    for (const body of seen) {
      if (body.getSourceFile().fileName.endsWith(file) && names.has(nameOf(body))) return true;
      for (const next of this.#calledBy(body)) seen.add(next);
    }
    return false;
  }

  #calledBy(body: Body): readonly Body[] {
    const known = this.#called.get(body);
    if (known) return known;
    const found: Body[] = [];
    const visit = (node: ts.Node): void => {
      // Every mention counts, not only calls: functions are handed over, too.
      if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) found.push(...this.#bodiesOf(node));
      ts.forEachChild(node, visit);
    };
    ts.forEachChild(body, (child) => {
      if (!ts.isDecorator(child)) visit(child);
    });
    this.#called.set(body, found);
    return found;
  }

  #bodiesOf(name: ts.Identifier | ts.PrivateIdentifier): Body[] {
    const symbol = this.#checker.getSymbolAtLocation(name);
    if (!symbol) return [];
    const real = symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
    return (real.declarations ?? []).filter(isFunction);
  }
}

function isOurs(root: string, file: string): boolean {
  return !relative(resolve(root, 'src'), dirname(file)).startsWith('..');
}

function isFunction(node: ts.Node): boolean {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return node.body !== undefined;
  const holds = ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node);
  return holds && node.initializer !== undefined && ts.isArrowFunction(node.initializer);
}

function hasDecorator(node: ts.MethodDeclaration, name: string): boolean {
  return (ts.getDecorators(node) ?? []).some(
    ({ expression }) => ts.isCallExpression(expression) && expression.expression.getText() === name,
  );
}

function nameOf(node: Body): string {
  return (node as ts.NamedDeclaration).name?.getText() ?? '';
}

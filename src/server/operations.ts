import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { mapStream } from '../kernel/change-feed-map.ts';
import type { Context, Viewer } from '../kernel/context.ts';
import { DomainError } from '../kernel/errors.ts';
import { Loaders } from '../kernel/loaders.ts';
import type { Metrics } from '../kernel/metrics.ts';
import { withCoercedType, withCoercedVariables } from './coerced-variables.ts';
import { type CompiledQuery, tryCompileQuery } from './compiled-query.ts';
import { CostCompiler } from './cost-compiler.ts';
import { type CostSet, eventsOf, openingOf, type Values } from './cost-plan.ts';
import { refusedFields } from './document-access.ts';
import { checkDocumentLimits, maximumTokens } from './document-limits.ts';
import { noteCursor } from './event-cursor.ts';
import { asksForSchema, introspectionRefused, withoutSuggestion } from './introspection.ts';
import { OperationCosts } from './operation-costs.ts';
import { noRules, type OperationRules } from './operation-rules.ts';
import { OperationTimer } from './operation-timer.ts';
import type { GivenDocument } from './persisted-documents.ts';
import { RecentMap } from './recent-map.ts';
import { compileVariables, type VariableCoercion } from './variable-coercion.ts';
import { eventVariables, whyHarmful } from './variable-limits.ts';

export interface OperationRequest {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly context: Context;
}

export type ResultStream = AsyncIterableIterator<ExecutionResult>;

/** A document that has been looked at once, with what running it has taught us. */
interface KnownDocument {
  readonly errors: readonly GraphQLError[];
  readonly asksForSchema: boolean;
  /** Variables that are events for ingestion. */
  readonly events: ReadonlySet<string>;
  readonly plans: Map<OperationDefinitionNode, Plan>;
}

interface Plan {
  readonly coerceVariables: VariableCoercion;
  /** To execute with variables that have been coerced. */
  readonly document: DocumentNode;
  /** What it can cost; of a subscription, what each of its events can. */
  readonly cost: CostSet;
  /** Of a subscription: what it costs to open it. */
  readonly opening: CostSet | undefined;
  runs: number;
  /** `null`: tried, and left to graphql-js. */
  compiled: CompiledQuery | null | undefined;
}

/** Characters of a document: kept documents have to fit into memory. Data belongs into variables. */
const maximumSource = 100_000;
/** Documents kept parsed and compiled. */
export const maximumDocuments = 500;
/** Compiling costs as much as some runs do, and whoever sends a document once should not make us. */
const runsBeforeCompiling = 3;
/** Nobody reads more of them, and each costs time. */
const maximumErrors = 20;
/** Of a message. graphql-js says what is wrong with a value by showing all of it. */
const longestMessage = 1_000;

/** The one way in which operations run, whichever way they came. */
export class Operations {
  readonly #schema: GraphQLSchema;
  readonly #coercedSchema: GraphQLSchema;
  readonly #timer: OperationTimer;
  readonly #rules: OperationRules;
  readonly #compiler: CostCompiler;
  readonly #costs: OperationCosts;
  readonly #parsed = new RecentMap<string, DocumentNode>(maximumDocuments);
  readonly #known = new WeakMap<DocumentNode, KnownDocument>();

  constructor(schema: GraphQLSchema, metrics: Metrics, rules: OperationRules = noRules) {
    this.#schema = schema;
    this.#coercedSchema = withCoercedType(schema);
    this.#timer = new OperationTimer(metrics);
    this.#rules = rules;
    this.#compiler = new CostCompiler(schema);
    this.#costs = new OperationCosts(rules);
  }

  /** The same text gives the same object, which is what everything known about it hangs on. Throws a `GraphQLError`. */
  parse(source: string): DocumentNode {
    const known = this.#parsed.get(source);
    if (known) return known;
    if (source.length > maximumSource) throw tooLong();
    const document = parse(source, { maxTokens: maximumTokens });
    this.#parsed.set(source, document);
    return document;
  }

  /** The text of an operation, which may have come by its id. Throws a `GraphQLError`. */
  sourceOf(given: GivenDocument): string {
    return this.#rules.documents.sourceOf(given);
  }

  /** What is wrong with an operation before any variable is looked at. */
  check(document: DocumentNode, operationName: string | undefined, viewer: Viewer): readonly GraphQLError[] {
    const errors = this.#findRefusals(document, viewer);
    if (errors.length > 0) return errors;
    return getOperationAST(document, operationName) ? [] : [unknownOperation(operationName)];
  }

  /** Runs a query or a mutation. Everything that is wrong with it comes back in `errors`. */
  async execute(request: OperationRequest): Promise<ExecutionResult> {
    const prepared = this.#prepare(request);
    if ('errors' in prepared) return prepared;
    const { operation, args, plan, variables } = prepared;
    if (operation.operation === 'subscription')
      return refused(
        'Subscriptions run over the websocket at the same address, or as event streams at /graphql/stream.',
      );
    return orRefused(async () => {
      const bill = this.#costs.open(request.context, plan.cost, variables);
      const result = await this.#timer.time(operation, () => this.#run(operation, plan, { args, variables }));
      return this.#costs.close(bill, result);
    });
  }

  /**
   * Opens a subscription. Each event is executed with loaders of its own, so that none answers from what an earlier
   * event had read. One that the key's budget doesn't pay for ends the stream.
   */
  async subscribe(request: OperationRequest): Promise<ExecutionResult | ResultStream> {
    const prepared = this.#prepare(request);
    if ('errors' in prepared) return prepared;
    const { operation, args, plan, variables } = prepared;
    if (operation.operation !== 'subscription') return refused('Expected a subscription.');
    return orRefused(async () => {
      this.#costs.open(request.context, plan.opening ?? plan.cost, variables);
      const source = await this.#timer.time(operation, () => createSourceEventStream(args));
      if (!isStream(source)) return withInputErrors(source);
      return mapStream(source[Symbol.asyncIterator]() as AsyncIterableIterator<unknown>, async (event) => {
        const bill = this.#costs.open(request.context, plan.cost, variables);
        const contextValue = { ...request.context, loaders: new Loaders() };
        const result = await execute({ ...args, rootValue: event, contextValue });
        return noteCursor(this.#costs.close(bill, result), event);
      });
    });
  }

  #prepare({ document, operationName, variables = {}, context }: OperationRequest) {
    const errors = this.#findRefusals(document, context.viewer);
    if (errors.length > 0) return { errors };
    const operation = getOperationAST(document, operationName);
    if (!operation) return { errors: [unknownOperation(operationName)] };
    const closed = refusedFields(this.#schema, document, { operation, viewer: context.viewer });
    if (closed.length > 0) return { errors: closed };
    const harm = whyHarmful(variables, this.#look(document).events);
    if (harm) return refused(harm);
    const args: ExecutionArgs = {
      schema: this.#schema,
      document,
      operationName,
      variableValues: variables,
      contextValue: context,
      options: { maxCoercionErrors: maximumErrors },
      hideSuggestions: !this.#rules.mayIntrospect(context.viewer),
    };
    const plan = this.#planOf(document, operation);
    return { operation, args, plan, variables: plan.coerceVariables(variables) };
  }

  /** What keeps this document from running for this viewer. Whether they may have it comes before what is wrong with it. */
  #findRefusals(document: DocumentNode, viewer: Viewer): readonly GraphQLError[] {
    const { documents, mayIntrospect } = this.#rules;
    try {
      documents.check(document.loc?.source.body, { only: viewer.trustedDocumentsOnly ?? false });
      const { errors, asksForSchema } = this.#look(document);
      if (mayIntrospect(viewer)) return errors;
      if (asksForSchema) throw introspectionRefused();
      return errors.map(withoutSuggestion);
    } catch (error) {
      return [refusalOf(error)];
    }
  }

  #look(document: DocumentNode): KnownDocument {
    const known = this.#known.get(document);
    if (known) return known;
    const errors = this.#findErrors(document);
    const asks = errors.length === 0 && asksForSchema(document);
    const events = errors.length === 0 ? eventVariables(document) : new Set<string>();
    const looked = { errors, asksForSchema: asks, events, plans: new Map<OperationDefinitionNode, Plan>() };
    this.#known.set(document, looked);
    return looked;
  }

  #findErrors(document: DocumentNode): GraphQLError[] {
    if (document.loc && document.loc.source.body.length > maximumSource) return [tooLong()];
    const tooLarge = checkDocumentLimits(document);
    if (tooLarge.length > 0) return tooLarge;
    const errors = validate(this.#schema, document, undefined, { maxErrors: maximumErrors });
    return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
  }

  #planOf(document: DocumentNode, operation: OperationDefinitionNode): Plan {
    const { plans } = this.#look(document);
    const known = plans.get(operation);
    if (known) return known;
    const coerceVariables = compileVariables(this.#schema, operation.variableDefinitions ?? []);
    const compiled = this.#compiler.compile(document, operation);
    const costs =
      operation.operation === 'subscription'
        ? { cost: eventsOf(compiled), opening: openingOf(compiled) }
        : { cost: compiled, opening: undefined };
    const plan = { coerceVariables, document: withCoercedVariables(document), ...costs, runs: 0, compiled: undefined };
    plans.set(operation, plan);
    return plan;
  }

  async #run(operation: OperationDefinitionNode, plan: Plan, { args, variables }: Run): Promise<ExecutionResult> {
    plan.runs++;
    if (plan.compiled === undefined && plan.runs > runsBeforeCompiling) {
      plan.compiled = tryCompileQuery(this.#schema, args.document, operation) ?? null;
    }
    if (!variables) return withInputErrors(await execute(args));
    const result = plan.compiled && (await this.#runCompiled(plan.compiled, args.contextValue as Context, variables));
    return (
      result ?? execute({ ...args, schema: this.#coercedSchema, document: plan.document, variableValues: variables })
    );
  }

  /**
   * Only a result without errors counts. The compiler knows errors that graphql-js leaves out, words some otherwise, and
   * adds to lists when a promise in them fails; queries change nothing, so those few just run again.
   */
  async #runCompiled(compiled: CompiledQuery, context: Context, variables: Readonly<Record<string, unknown>>) {
    const result = await compiled(context, variables);
    return result?.errors ? undefined : result;
  }
}

interface Run {
  readonly args: ExecutionArgs;
  /** As resolvers get them; `undefined`: graphql-js has to look at those in `args`. */
  readonly variables: Values | undefined;
}

/** A refusal by the rules is an answer like any other. */
async function orRefused<T>(run: () => Promise<T>): Promise<T | ExecutionResult> {
  try {
    return await run();
  } catch (error) {
    return { errors: [refusalOf(error)] };
  }
}

function refusalOf(error: unknown): GraphQLError {
  if (error instanceof DomainError) return new GraphQLError(error.message, { originalError: error });
  throw error;
}

function isStream<T>(source: AsyncIterable<T> | ExecutionResult): source is AsyncIterable<T> {
  return Symbol.asyncIterator in source;
}

function unknownOperation(name: string | undefined): GraphQLError {
  const message = name
    ? `The document has no operation ${name}.`
    : 'The document has several operations: say which by operationName.';
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}

function tooLong(): GraphQLError {
  const message = `The document is longer than ${maximumSource} characters. Data belongs into variables.`;
  return new GraphQLError(message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
}

function refused(message: string): { errors: readonly GraphQLError[] } {
  return { errors: [new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })] };
}

/** Without `data` nothing has run: graphql-js stopped at the variables. */
function withInputErrors(result: ExecutionResult): ExecutionResult {
  if (result.data !== undefined || !result.errors) return result;
  return { errors: result.errors.map((error) => (error.path ? error : withCode(error, 'BAD_USER_INPUT'))) };
}

function withCode({ message, nodes, path }: GraphQLError, code: string): GraphQLError {
  const short = message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message;
  return new GraphQLError(short, { nodes, path, extensions: { code } });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads a JSON body. Bytes that are no UTF-8 are refused: replaced by �, they would be stored as something else. */
export function readJson(body: Buffer): unknown {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw unreadable('The body is not valid UTF-8.');
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // V8's own message quotes the text, which may be anybody's data.
    throw unreadable('The body is not valid JSON.');
  }
}

function unreadable(message: string): Error {
  return Object.assign(new Error(message), { statusCode: 400 });
}

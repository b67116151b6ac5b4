import { Readable } from 'node:stream';
import { type BodyListener, Incoming, type ReadBody, readStream } from '../../http/incoming.ts';

const nobody: BodyListener = { chunk: () => {}, end: () => {}, cut: () => {} };

/**
 * A request whose body can be listened to without being a stream: four listeners, three ticks and the state of a Readable cost
 * a small request more than all else that is done with its body.
 */
export class Upload extends Incoming {
  #listener: BodyListener | null = null;
  /** some of it came before anybody listened */
  isInStream = false;

  static {
    // node:http asks for it before it lets go of a request; the types have no accessor
    const ofStream = Object.getOwnPropertyDescriptor(Readable.prototype, 'readableEnded')?.get;
    Object.defineProperty(Upload.prototype, 'readableEnded', {
      get(this: Upload): boolean {
        return this.#listener === null ? ofStream?.call(this) : this.complete;
      },
    });
  }

  /** Takes the body past the stream, if none of it is in there yet. */
  listen(listener: BodyListener): void {
    this.#listener = listener;
    // tells node:http that somebody reads, or it would drain the stream when all is answered
    this._read(0);
  }

  /** What still comes is dropped. */
  ignore(): void {
    this.#listener = nobody;
  }

  /** node:http calls it with what it parsed, and with null at the end. */
  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    const listener = this.#listener;
    if (listener === null) {
      this.isInStream = true;
      return super.push(chunk, encoding);
    }
    if (chunk === null) listener.end();
    // node:http pushes bytes as long as no encoding is set
    else listener.chunk(chunk as Buffer);
    return true;
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#listener?.cut();
    super._destroy(error, callback);
  }
}

/** Reads what is an `Upload`. */
export const readPastStream: ReadBody = (request, listener) => {
  // the server makes all its requests of the class the lane gives it
  const upload = request as Upload;
  // one that waited for others on its connection
  if (upload.isInStream) return readStream(request, listener);
  upload.listen(listener);
  return () => upload.ignore();
};

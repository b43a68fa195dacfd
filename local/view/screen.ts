import { createLogUpdate } from 'log-update'

/** Where a run shows itself: a terminal with a view that is drawn in place, or plain lines. */
export interface Screen {
  /** A line or a text that stays. */
  say(text: string): void
  /** How things stand: drawn in place, or as a line where that says something new. */
  show(standing: { readonly frame: () => string; readonly line: string }): void
  /** Ends the view that is drawn in place. */
  done(): void
}

/** `stream` takes everything that is shown; a terminal gets the live view unless `plain`. */
export function openScreen(stream: NodeJS.WriteStream, plain: boolean): Screen {
  return stream.isTTY && !plain ? liveScreen(stream) : plainScreen(stream)
}

function liveScreen(stream: NodeJS.WriteStream): Screen {
  const draw = createLogUpdate(stream)
  let frame = ''
  return {
    say: (text) => {
      draw.clear()
      stream.write(`${text}\n`)
      if (frame) draw(frame)
    },
    show: (standing) => {
      frame = standing.frame()
      draw(frame)
    },
    done: () => {
      frame = ''
      draw.done()
    },
  }
}

const calmMs = 1_000

function plainScreen(stream: NodeJS.WriteStream): Screen {
  let before = ''
  let at = Number.NEGATIVE_INFINITY
  return {
    say: (text) => void stream.write(`${text}\n`),
    show: ({ line }) => {
      // Each line begins with the time, which always changes: only the rest is compared.
      const news = line.slice(16)
      if (news === before || performance.now() - at < calmMs) return
      at = performance.now()
      before = news
      stream.write(`${line}\n`)
    },
    done: () => undefined,
  }
}

import { expect, test } from 'vitest'
import { ringsOf } from '#shared/queue/ymq-event.ts'
import { timerEvent, ymqEvent } from '../../local/events.ts'

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const message = (body: string, message_attributes: object = {}) => ({
  messages: [
    {
      details: {
        queue_id: 'q',
        message: { message_id: 'm1', md5_of_body: '', body, attributes: {}, message_attributes },
      },
    },
  ],
})

test.for([
  { name: 'the documented spelling', attribute: { data_type: 'StringValue', string_value: traceparent } },
  {
    name: 'the spelling of the published types',
    attribute: { dataType: 'StringValue', stringValue: traceparent },
  },
])('a message attribute is read in $name', ({ attribute }) => {
  const [rung] = ringsOf(message('{"v":1,"kind":"transform"}', { traceparent: attribute }))
  expect(rung).toMatchObject({ messageId: 'm1', ring: { kind: 'transform' }, traceparent })
})

test.for([
  { name: 'of a later release', body: '{"v":2,"kind":"transform","pages":[1]}' },
  { name: 'of an unknown kind', body: '{"v":1,"kind":"dance"}' },
  { name: 'that is no JSON', body: 'ring ring' },
])('a message $name still rings', ({ body }) => {
  expect(ringsOf(message(body))).toEqual([
    { messageId: 'm1', ring: { kind: 'plain' }, traceparent: undefined },
  ])
})

test('a timer event holds no ring', () => {
  expect(ringsOf(timerEvent('t1', new Date()))).toEqual([])
})

test('the local trigger makes events that the parser reads', () => {
  const event = ymqEvent('transform', [{ MessageId: 'm1', Body: '{"v":1,"kind":"transform"}' }], new Date())
  expect(ringsOf(event)).toHaveLength(1)
})

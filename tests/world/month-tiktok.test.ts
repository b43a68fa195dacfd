import { testMonthOf } from './month.suite.ts'

testMonthOf('tiktok', 'one')

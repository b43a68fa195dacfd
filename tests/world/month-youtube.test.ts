import { testMonthOf } from './month.suite.ts'

testMonthOf('youtube')

#include <caml/mlvalues.h>
#include <vector>

extern "C" value smoke_twice(value number) {
  std::vector<long> numbers(2, Long_val(number));
  return Val_long(numbers.at(0) + numbers.at(1));
}

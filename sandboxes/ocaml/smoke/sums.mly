%token <int> NUMBER
%token PLUS END
%start <int> sum

%%

let sum := n = terms; END; { n }
let terms := ~ = NUMBER; <> | a = terms; PLUS; b = NUMBER; { a + b }

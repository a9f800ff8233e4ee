module kitchen

go 1.24

require sluicebox v0.1.0

replace sluicebox => ../../../sdk/go

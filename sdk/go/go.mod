module sluicebox

go 1.24

-- Rows that cannot come as they are.
insert into "User" values
    ('bad-mail', 'no address', 'Sem endereço', 'x', null, 'CUSTOMER', '2025-01-01', '2025-01-01'),
    ('again', 'CLIENTE1@vaicoxinha.test', 'Outra vez', 'x', null, 'CUSTOMER', '2025-09-01', '2025-09-01'),
    ('long', 'longo@vaicoxinha.test', repeat('x', 300), '$2b$04$abcdefghijklmnopqrstuuPdwvXmbPLyQupR7iLcXQIhO8ORzjUky', '123', 'CUSTOMER', '2025-09-02', '2025-09-02'),
    ('control', 'controle@vaicoxinha.test', E'Ana\u0001 Lima', 'd41d8cd98f00b204e9800998ecf8427e', null, 'CUSTOMER', '2025-09-03', '2025-09-03'),
    ('boss', 'chefe@vaicoxinha.test', 'Chefe', '$2b$04$abcdefghijklmnopqrstuuPdwvXmbPLyQupR7iLcXQIhO8ORzjUky', null, 'ADMIN', '2025-09-04', '2025-09-04'),
    ('future', 'futuro@vaicoxinha.test', 'Futuro', '$2b$04$abcdefghijklmnopqrstuuPdwvXmbPLyQupR7iLcXQIhO8ORzjUky', null, 'CUSTOMER', '2999-01-01', '2999-01-01');
insert into "Address" values ('nobodys', 'nobody', 'Casa', 'Rua', '1', null, 'Centro', 'São Paulo', 'SP', '01001-000', true, '2025-01-02');
insert into "Product" values
    ('negative', 'Negativa', 'negativa', '', -5, null, true, false, null, null, 'c1', '2025-01-03', '2025-01-03'),
    ('less', 'Menos que nada', 'menos-que-nada', '', 5, null, true, false, -3, null, 'c1', '2025-01-03', '2025-01-03'),
    ('same', 'A mesma', 'Coxinha-1', '', 5, null, true, false, null, '{"calories": 100}', 'c1', '2025-09-03', '2025-01-03'),
    ('nowhere', 'Sem lugar', 'sem-lugar', '', 5, null, true, false, null, null, 'gone', '2025-01-03', '2025-01-03'),
    ('nameless', '  ', 'nameless', '', 5, null, true, false, null, null, 'c1', '2025-01-03', '2025-01-03');
insert into "Order" ("id", "userId", "status", "paymentStatus", "paymentMethod", "deliveryFee", "total", "addressId", "createdAt", "updatedAt") values
    ('open', 'u1', 'PREPARING', 'PAID', 'PIX', 0, 10, null, '2025-03-01', '2025-03-01'),
    ('strange', 'u1', 'EATEN', 'PAID', 'PIX', 0, 10, null, '2025-03-01', '2025-03-01'),
    ('nobodys', 'bad-mail', 'DELIVERED', 'PAID', 'PIX', 0, 10, null, '2025-03-01', '2025-03-01'),
    ('differs', 'u1', 'DELIVERED', 'PAID', 'PIX', 0, 9, null, '2025-03-01', '2025-03-01'),
    ('more', 'u1', 'DELIVERED', 'PAID', 'PIX', 0, 12, null, '2025-03-01', '2025-03-01'),
    ('empty', 'u1', 'DELIVERED', 'PAID', 'PIX', 0, 10, null, '2025-03-01', '2025-03-01'),
    ('zero', 'u1', 'DELIVERED', 'PAID', 'PIX', 0, 10, null, '2025-03-01', '2025-03-01'),
    ('timeless', 'u1', 'DELIVERED', 'PAID', 'PIX', 0, 10, null, 'infinity', '2025-03-01');
insert into "OrderItem" values
    ('d1', 'open', 'p1', 'Coxinha', 1, 10), ('d2', 'strange', 'p1', 'Coxinha', 1, 10), ('d3', 'nobodys', 'p1', 'Coxinha', 1, 10), ('d4', 'differs', 'p1', 'Coxinha', 3, 3.33), ('d5', 'more', 'p1', 'Coxinha', 1, 10),
    ('d6', 'zero', 'p1', 'Coxinha', 0, 10), ('d7', 'timeless', 'p1', 'Coxinha', 1, 10), ('orphan', 'never', 'p1', 'Coxinha', 1, 10);
